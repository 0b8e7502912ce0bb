"""Looks at the nodes of a cluster before a run takes its GPUs."""
