"""Shards become Visual-ERM, and Visual-ERM trains policies."""
