"""Differences of two icons, from their scenes."""
