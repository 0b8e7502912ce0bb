"""Errors a model makes when it copies a table as HTML or Markdown. Every module here is searched by `corruptors.registry`."""
