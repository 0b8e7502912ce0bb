"""Other markup for the same table."""
