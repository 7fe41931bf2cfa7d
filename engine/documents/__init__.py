"""GraphQL documents: parsed, checked, priced and kept."""
