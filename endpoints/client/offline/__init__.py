"""vLLM without a server: requests go to an engine in a process of its own, in batches."""
