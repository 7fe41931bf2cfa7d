"""What outside services cost: the cache, and the client."""
