"""More output than was agreed."""

# ruff: noqa
# verdict: unreadable_output timeout

import os

block = bytes(2**20)
while True:
    for descriptor in range(3, 128):
        try:
            for _ in range(400):
                os.write(descriptor, block)
        except OSError:
            pass
    os._exit(0)
