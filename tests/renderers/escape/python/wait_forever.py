"""No end, and no processor time either."""

# ruff: noqa
# verdict: timeout

import threading

threading.Event().wait()
