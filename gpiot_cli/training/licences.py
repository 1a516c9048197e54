"""Which licences oblige whoever passes a text on to more than naming its authors."""

import re

COPYLEFT = re.compile(r"\b[AL]?GPL|\bMPL|General Public", re.IGNORECASE)
"""In what a package's metadata state."""
