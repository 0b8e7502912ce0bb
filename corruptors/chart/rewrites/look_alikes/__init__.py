"""Rewrites whose picture has other pixels but no error that a reader would see."""
