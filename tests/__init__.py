"""Tests mirror the three packages; journeys drive them together, vectors are frozen files."""
