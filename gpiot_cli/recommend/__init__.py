"""A home's log to its next operation (DevPiolt)."""
