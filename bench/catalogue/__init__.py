"""What the catalogue's own operations cost at several sizes, beside the figures that are wanted of them."""
