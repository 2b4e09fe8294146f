"""Every screen of the application and its important states in one list: for pictures and for tests."""
