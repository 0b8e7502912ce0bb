"""Other code for the same chart."""
