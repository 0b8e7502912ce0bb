"""Compares icons by their visible areas instead of their shapes: see `compare`."""
