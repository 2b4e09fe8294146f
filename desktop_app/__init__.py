"""The application that a site's staff use: windows over one encrypted folder, which work offline.

It knows the core (`casebook`) and Qt, and never the server's package. See docs/architecture.md.
"""
