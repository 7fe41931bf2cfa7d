"""The demo catalogue: real movie facts, a generator that multiplies them, and a loader."""
