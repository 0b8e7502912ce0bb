"""All space there is."""

# ruff: noqa
# verdict: denied

block = bytes(2**20)
for number in range(10_000):
    with open(f"file{number}", "wb") as file:
        for _ in range(4):
            file.write(block)
