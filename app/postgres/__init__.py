"""The embedded PostgreSQL: its programs, its data folder, its life."""
