"""Benchmarks: renderers against the reference way, soak runs, the model client, reading speed."""
