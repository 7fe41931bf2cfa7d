"""How a GraphQL document is executed. Knows nothing of media."""
