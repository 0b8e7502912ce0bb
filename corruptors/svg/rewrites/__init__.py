"""Other markup for the same icon."""
