"""Does a dataset teach? A small net learns to name errors from its labels, and from worse ones."""
