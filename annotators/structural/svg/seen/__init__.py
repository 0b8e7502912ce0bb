"""What is seen of an icon, and how two such scenes differ: see `compare`."""
