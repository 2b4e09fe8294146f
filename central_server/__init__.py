"""The study's central server: a replica with accounts that verifies, keeps and hands on, and never edits.

It knows the core (`casebook`) and the web, and never the desktop application. See docs/architecture.md.
"""
