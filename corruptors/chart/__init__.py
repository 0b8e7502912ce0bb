"""Errors a model makes when it copies a chart as Matplotlib code. Every module here is searched by `corruptors.registry`."""
