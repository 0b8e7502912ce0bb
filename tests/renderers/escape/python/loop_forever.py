"""No end."""

# ruff: noqa
# verdict: timeout

while True:
    pass
