"""The client of model servers: requests, replies, limits and accounts."""
