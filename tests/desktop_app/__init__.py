"""The desktop application: real windows over real encrypted files."""
