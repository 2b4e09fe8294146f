"""Measured times beside their floors; asserts nothing about seconds."""
