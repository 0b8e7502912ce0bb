"""Programs become pictures and scenes, under one contract, in isolation. Verb: render."""
