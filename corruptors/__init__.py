"""Samples become attempts with typed errors. Verb: corrupt.

A corruption is one generator of mutations (`corruption`) over a parsed program (`program` of each
kind of picture), declared in the file of its kind and collected by `registry`. `compose` makes
attempts of samples; a rewrite (`rewrite`) changes the code and no pixel.
"""
