"""Checks judged pairs and publishes them as a dataset (stage: check)."""
