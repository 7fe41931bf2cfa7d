"""What all kinds of jobs share: the queue, and those who run it."""
