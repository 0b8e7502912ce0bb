"""Runs untrusted code in a forked child that cannot read, write or reach anything outside its sandbox.

Code that needs isolation uses `ForkServer` in `sandbox.fork_server`, or `SessionServer` in
`session` if jobs are data and not code; their docstrings explain how to write a target. `launcher`
is the server process, `wire` defines the messages, `warm_memory` makes forks cheap, `layers`
isolates a child, `proof` tests the isolation on this machine, `probe` reports it, `verdict` maps
endings to a status, and `root_folder` manages temporary folders.
"""
