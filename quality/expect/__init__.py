"""Expectations of a dataset as a whole, checked by Great Expectations."""
