"""Airflow and the servers it needs, on loopback: for the bench, for tests and for `make cluster-smoke`."""
