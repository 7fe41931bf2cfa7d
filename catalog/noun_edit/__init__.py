"""Edits of what media carry, by hand: each noun is declared once (declared.py), the statements follow from that."""
