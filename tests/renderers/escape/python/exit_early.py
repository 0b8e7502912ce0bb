"""Gone before anything is drawn."""

# ruff: noqa
# verdict: code_crashed

import sys

sys.exit(0)
