"""The GraphQL service: from a request to its answer, whatever brought it."""
