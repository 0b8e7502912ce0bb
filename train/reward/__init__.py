"""Rewards: from a reply to an outcome, from an outcome to a number, for TRL and veRL."""
