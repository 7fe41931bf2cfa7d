"""What is kept of the answers of providers."""
