"""Differences of two tables, from their scenes."""
