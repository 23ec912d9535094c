"""Plain tables (.xlsx, .csv) as facts: looked at, read, previewed, then loaded whole or not at all."""
