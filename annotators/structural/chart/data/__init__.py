"""Findings on marks and their values: missing, extra, moved, of another kind."""
