"""What serves all nouns: ids, connections, scalars, the context, federation."""
