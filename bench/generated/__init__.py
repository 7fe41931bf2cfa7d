"""Any number of plausible media for benchmarks and tests, brought into a catalogue by COPY."""
