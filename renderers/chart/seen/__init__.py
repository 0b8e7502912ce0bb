"""What is on the paper of a chart, read from its display list, and what of a claimed scene that confirms."""
