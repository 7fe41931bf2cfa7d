"""PostgreSQL, and nothing of media: connections, the pool, sessions, statements, rows, migrations."""
