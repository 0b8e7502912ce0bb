"""Doors to other trainers and evaluators; each file says who reads it."""
