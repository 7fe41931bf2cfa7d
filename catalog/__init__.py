"""What changes the catalogue: imports, edits and the demo data."""
