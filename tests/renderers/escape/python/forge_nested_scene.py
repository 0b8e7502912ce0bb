"""A scene nested deeper than any parser likes."""

# ruff: noqa
# verdict: unreadable_output

import os
import struct

scene = b'{"children":[' * 200_000
message = b"\0" + struct.pack("<III", 1, 1, len(scene)) + bytes(3) + scene
for descriptor in range(3, 128):
    try:
        view = memoryview(message)
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        pass
os._exit(0)
