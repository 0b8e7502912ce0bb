"""Renderers draw programs in isolation, under one render contract, as pictures and scenes (stage:
render)."""
