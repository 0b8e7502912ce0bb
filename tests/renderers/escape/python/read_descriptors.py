"""Whatever is open."""

# ruff: noqa
# verdict: denied

import os

for descriptor in range(3, 128):
    try:
        os.lseek(descriptor, 0, 0)
        data = os.read(descriptor, 2**16)
    except OSError:
        continue
    assert b"a marker of the job before" not in data
    try:
        os.write(descriptor, b"junk")
    except OSError:
        pass
    else:
        if os.fstat(descriptor).st_mode & 0o170000 != 0o010000:
            break
else:
    raise PermissionError("nothing open can be written but the way out")

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
