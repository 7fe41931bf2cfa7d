"""One execution of a plan: objects in buckets, batches, errors."""
