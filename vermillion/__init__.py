"""The command `vermillion`: wiring only."""
