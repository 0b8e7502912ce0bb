"""A canvas of 60,000 x 60,000 px, claimed on every open descriptor."""

# ruff: noqa
# verdict: unreadable_output

import os
import struct

for descriptor in range(3, 128):
    try:
        os.write(descriptor, b"\0" + struct.pack("<III", 60000, 60000, 2) + b"{}")
    except OSError:
        pass
os._exit(0)
