"""Outside services: one way to call them, within limits, and what is kept of their answers."""
