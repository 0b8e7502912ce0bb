"""Annotators measured against errors that are known."""
