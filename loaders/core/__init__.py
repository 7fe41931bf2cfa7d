"""What serves all loaders: batches, lists, the read session, what loads have cost."""
