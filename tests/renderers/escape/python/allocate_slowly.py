"""Ten gigabytes, a little at a time, each page touched."""

# ruff: noqa
# verdict: out_of_memory

hoard = []
while True:
    hoard.append(b"x" * 2**20 * 4)
