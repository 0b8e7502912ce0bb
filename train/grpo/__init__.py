"""Policies learn from the reward model: veRL's settings and prompts, and small runs by TRL."""
