"""What clients see: one file a noun."""
