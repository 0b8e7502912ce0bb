"""Clients and life cycles of model servers."""
