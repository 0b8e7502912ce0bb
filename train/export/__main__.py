"""``python -m train.export``: see `train.export.run`."""

import sys

from train.export.run import main

if __name__ == "__main__":
    sys.exit(main())
