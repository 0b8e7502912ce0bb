"""Icons: SVG programs become pictures and scenes."""
