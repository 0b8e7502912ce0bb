"""Charts: Matplotlib scripts become pictures and scenes."""
