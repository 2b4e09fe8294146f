"""The meaning of trial data: what is recorded, how it is proved, what may happen to it.

This package runs without a screen and without a network. The laptop and the server share it,
so that both sides agree on every byte. See docs/architecture.md for its rooms.
"""

__version__ = "0.1.0"
