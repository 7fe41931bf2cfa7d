"""The benchmark: Marquee beside its peers on one database (`make bench`)."""
