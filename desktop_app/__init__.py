"""The desktop application: what a site's staff see and do."""
