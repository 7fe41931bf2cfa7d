"""The processes: the supervisor, the workers, what is done from time to time."""
