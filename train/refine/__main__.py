"""``python -m train.refine``: see `train.refine`."""

import sys

from train.refine.run import main

if __name__ == "__main__":
    sys.exit(main())
