"""Findings on titles, legends, annotations, written values and tables in a chart."""
