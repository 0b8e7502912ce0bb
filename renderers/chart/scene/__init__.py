"""The scene of a chart, read from its Matplotlib figure."""
