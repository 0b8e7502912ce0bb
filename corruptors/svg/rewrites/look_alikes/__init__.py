"""Rewrites whose picture has other pixels and the same look: nobody who reads both sees an error."""
