"""Draws HTML and Markdown tables as pictures and scenes."""
