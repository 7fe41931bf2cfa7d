"""What changes the catalogue: edits, and what keeps counts and folded texts true."""
