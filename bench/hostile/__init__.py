"""What requests that mean harm cost a worker: the time for which others wait, memory, and what comes back."""
