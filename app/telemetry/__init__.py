"""Traces, logs and what is measured of each request."""
