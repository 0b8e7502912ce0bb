"""Scores of the reward model on VC-RewardBench, and of policies against their references."""
