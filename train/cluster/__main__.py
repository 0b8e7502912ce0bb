"""``python -m train.cluster``: see `train.cluster.check`."""

import sys

from train.cluster.check import main

if __name__ == "__main__":
    sys.exit(main())
