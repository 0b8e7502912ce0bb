"""Upstream snapshots become samples. Verb: pull."""
