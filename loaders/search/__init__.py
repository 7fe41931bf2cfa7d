"""What search finds: words into conditions, tiers into SQL, pages."""
