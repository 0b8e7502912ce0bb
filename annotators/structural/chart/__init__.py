"""Compares two charts by their scenes."""
