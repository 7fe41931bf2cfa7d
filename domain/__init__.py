"""The catalogue's own words, without I/O: error codes, bounds, text folding."""
