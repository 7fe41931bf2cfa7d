"""Outside services: how they are called, and what is kept of their answers."""
