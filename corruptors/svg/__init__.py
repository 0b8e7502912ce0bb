"""Errors a model makes when it copies an icon as SVG. Every module here is searched by `corruptors.registry`."""
