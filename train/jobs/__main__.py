"""``python -m train.jobs status|stop FOLDER``: see `train.jobs.local`."""

import sys

from train.jobs.local import main

if __name__ == "__main__":
    sys.exit(main())
