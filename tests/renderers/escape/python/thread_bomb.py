"""As many threads as there is room for."""

# ruff: noqa
# verdict: code_crashed out_of_memory timeout

import threading

forever = threading.Event()
while True:
    threading.Thread(target=forever.wait).start()
