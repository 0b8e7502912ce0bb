"""Chart scripts as characters: their calls, literals, labels, and how they are rewritten."""
