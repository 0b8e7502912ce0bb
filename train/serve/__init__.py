"""The reward model as a service: its servers, one address in front of them, and a file that says where they are."""
