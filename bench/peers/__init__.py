"""What Marquee is measured against, in Python."""
