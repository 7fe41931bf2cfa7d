"""One execution of a plan: objects in columns, batches, errors."""
