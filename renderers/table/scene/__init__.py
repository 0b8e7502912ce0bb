"""The scene of a table, read from a DevTools snapshot."""
