"""Clients and life cycles of model servers.

`settings` says which server and how it may be used, `chat` asks it, `server` starts and stops one,
`replay` plays one in tests.
"""
