"""From a policy's checkpoint to its scores in one command."""
