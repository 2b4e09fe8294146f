"""Paper: what is printed, signed and checked again.

Pure functions of a study design, a casebook and a context; bytes out. Nothing here reads a clock, a
store or a screen. The libraries that lay out and sign are heavy to load, so callers go through
`casebook.paper.desk`, which loads them at the first use, in the worker thread that prints.

Source: docs/paper.md; 21 CFR 11.50 and 11.70; ISO 19005-2; ETSI EN 319 142-1 (PAdES B-B).
"""
