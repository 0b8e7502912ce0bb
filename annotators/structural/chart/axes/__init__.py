"""Findings on axes: limits, ticks and their labels, grid, frame, spacing of subplots."""
