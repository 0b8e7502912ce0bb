"""Weak policies look at reference pictures and write programs with natural errors (stage: attempt)."""
