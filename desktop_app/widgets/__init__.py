"""The parts of windows: editors, cells, marks. They know snapshots and the theme, never the session."""
