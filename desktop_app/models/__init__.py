"""Qt tables over tuples of plain rows. Columns are enums; nothing here asks for data."""
