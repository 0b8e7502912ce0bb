"""Pages of the documentation that are drawn by a command: the corruption gallery and the hard cases."""
