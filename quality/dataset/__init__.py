"""Writing a dataset: plan, part files, card, plots, and putting it in place."""
