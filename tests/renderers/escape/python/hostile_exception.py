"""An error that ends the process when it is printed."""

# ruff: noqa
# verdict: code_crashed

import os


class Hostile(Exception):
    def __str__(self):
        os._exit(0)


raise Hostile
