"""Compares two icons by their scenes."""
