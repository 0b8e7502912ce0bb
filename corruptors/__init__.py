"""Samples become attempts with typed errors. Verb: corrupt."""
