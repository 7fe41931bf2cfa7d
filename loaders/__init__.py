"""What PostgreSQL knows, read side: one file a noun, SELECTs only."""
