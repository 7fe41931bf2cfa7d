"""A folder of MIDI files as a source, and what is found out about each of them."""
