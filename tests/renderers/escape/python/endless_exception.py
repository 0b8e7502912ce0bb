"""An error that takes forever to print."""

# ruff: noqa
# verdict: timeout


class Endless(Exception):
    def __str__(self):
        while True:
            pass


raise Endless
