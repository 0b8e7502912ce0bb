"""Clients and life cycles of model servers.

`settings` describes a server and the limits of its use, `client` sends requests, `server` starts
and stops a server, `replay` is a scripted server for tests.
"""
