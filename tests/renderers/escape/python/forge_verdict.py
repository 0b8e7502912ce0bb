"""A failure that says it is none."""

# ruff: noqa
# verdict: unreadable_output

import os

for descriptor in range(3, 128):
    try:
        os.write(descriptor, b'\1{"status": "ok", "detail": "fine"}')
    except OSError:
        pass
os._exit(0)
