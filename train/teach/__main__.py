"""``python -m train.teach DATASET --out FOLDER``."""

import sys

from train.teach.run import main

if __name__ == "__main__":
    sys.exit(main())
