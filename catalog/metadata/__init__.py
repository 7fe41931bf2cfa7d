"""What metadata services say of media, written into the catalogue."""
