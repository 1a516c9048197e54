"""Runs untrusted programs: `run.py` is the interface, the other files are how it does it."""
