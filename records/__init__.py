"""The shared vocabulary of all packages: taxonomy, records, edits, shards, configuration, errors.
It imports no other package of this project.
"""
