"""Annotators that are vision-language models: requests, replies, and filters of their claims."""
