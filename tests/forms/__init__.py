"""The studies that ship with the product."""
