"""``python -m vermillion``."""

from vermillion.cli.main import main

main()
