"""More files than anyone wants to count."""

# ruff: noqa
# verdict: denied

for number in range(1_000_000):
    open(f"file{number}", "w").close()
