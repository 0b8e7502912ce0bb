"""Samples become attempts with typed errors. Verb: corrupt.

A corruption is one generator of mutations (`corruption`), over a parsed program (`program` for
charts, `table_program`, `svg_program`), declared in the file of its kind and collected by
`registry`. `compose` makes attempts of samples; `equivalent` declares rewrites that change no pixel.
"""
