"""Hostile code runs in a forked child that can neither look around nor leave anything behind.

Any program that needs isolation uses `ForkServer` of `renderers.sandbox.server`; its docstring
says how a target is written. `launch` is the far side of the pipe, `layers` what a child is wrapped
in, `probe` the proof that the wrapping holds on this machine, `refusal` the verdicts.
"""
