"""Pairs become annotations: what differs, where, how badly. Verb: annotate."""
