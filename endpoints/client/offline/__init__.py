"""vLLM without a server: an engine in a separate process answers batches of requests."""
