"""The reference way of rendering, written from its description, to measure ours against.

Source: arXiv:2603.13224, released rendering code, as described in its repository: a fresh process
for each chart, a Chrome launch for each table, a manager and a process for each SVG. Not isolated:
only our own programs go through it. Nothing here is used to make data.
"""
