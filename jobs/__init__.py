"""Long work: what kinds of jobs there are, the queue, and those who run it."""
