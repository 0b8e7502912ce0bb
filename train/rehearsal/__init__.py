"""Training in small on a CPU: a tiny model, a toy task, a small server, the smoke run."""
