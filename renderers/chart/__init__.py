"""Draws Matplotlib scripts as pictures and scenes."""
