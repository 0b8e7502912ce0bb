"""Trains Visual-ERM on published shards, and policies with Visual-ERM as the reward."""
