"""The vocabulary every room speaks: taxonomy, records, edits, shards, configuration, errors.

Imports no other room.
"""
