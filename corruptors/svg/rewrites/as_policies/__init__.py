"""Rewrites as policies write: other elements or calls for the same picture.

They may change a pixel of some program, so no build takes them for negatives; the audit suite
`rewrites` uses each only if the picture is equal, pixel for pixel.
"""
