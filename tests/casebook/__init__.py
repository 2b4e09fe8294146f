"""The core, without screen or network."""
