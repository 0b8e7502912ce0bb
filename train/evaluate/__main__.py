"""``python -m train.evaluate``: see `train.evaluate`."""

import sys

from train.evaluate.run import main

if __name__ == "__main__":
    sys.exit(main())
