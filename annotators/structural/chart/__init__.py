"""Differences of two charts, from their scenes."""
