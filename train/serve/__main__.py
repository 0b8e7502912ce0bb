"""``python -m train.serve``: see `train.serve.run`."""

import sys

from train.serve.run import main

if __name__ == "__main__":
    sys.exit(main())
