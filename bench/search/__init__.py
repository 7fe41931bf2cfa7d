"""How well and how fast search finds: known items beside other engines, speed at several sizes, what writes pay."""
