"""Rewards for TRL and veRL: a reply gives an outcome, and an outcome gives a number."""
