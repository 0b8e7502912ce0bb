"""Annotations become published rows or rejects. Verb: check."""
