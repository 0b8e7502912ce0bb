"""Reference pictures become attempts with natural errors. Verb: attempt."""
