"""GraphQL over HTTP: the protocol, the pages, health, and the limits of connections."""
