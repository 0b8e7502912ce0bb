"""Hostile code runs in a forked child that can neither look around nor leave anything behind.

Any program that needs isolation uses `ForkServer` of `sandbox.fork_server`, or the
`SessionServer` of `session` where jobs are no code; their docstrings say how a target is written.
`launch` is the far side of the pipe and `wire` what goes through it, `memory` makes forks cheap,
`layers` are what a child is wrapped in, `probe` the proof that the wrapping holds on this machine,
`refusal` the verdicts, `folder` what a launcher leaves to be swept.
"""
