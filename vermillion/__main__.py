"""``python -m vermillion``."""

from vermillion.main import main

main()
