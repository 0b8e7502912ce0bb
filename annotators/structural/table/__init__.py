"""Compares two tables by their scenes."""
