"""Runs untrusted code in a forked child that cannot read, write or reach anything outside its sandbox.

Any program that needs isolation uses `ForkServer` of `sandbox.fork_server`, or the
`SessionServer` of `session` where jobs are no code; their docstrings say how a target is written.
`launcher` is the far side of the pipe and `wire` what goes through it, `warm_memory` makes forks
cheap, `layers` are what a child is wrapped in, `proof` shows that the wrapping holds on this machine
and `probe` what it consists of, `verdict` holds the verdicts, `root_folder` what a launcher leaves to
be swept.
"""
