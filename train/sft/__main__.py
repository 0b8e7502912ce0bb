"""``python -m train.sft``: see `train.sft`."""

import sys

from train.sft.run import main

if __name__ == "__main__":
    sys.exit(main())
