"""Source that breaks the parser."""

# ruff: noqa
# verdict: code_crashed out_of_memory

exec("(" * 100_000 + ")" * 100_000)
