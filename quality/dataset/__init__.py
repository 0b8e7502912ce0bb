"""Writes a dataset: plan, part files, card, plots; and makes it visible."""
