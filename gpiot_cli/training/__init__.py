"""Corpus to adapters."""
