"""Draws SVG programs as pictures and scenes."""
