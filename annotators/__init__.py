"""Annotators list what differs in a pair of pictures, where, and how badly (stage: annotate)."""
