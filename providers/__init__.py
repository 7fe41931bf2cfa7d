"""Outside services: one way to call them, within limits."""
