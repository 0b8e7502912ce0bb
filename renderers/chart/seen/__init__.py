"""Reads what is drawn in a chart from its display list, and confirms the claimed scene against it."""
