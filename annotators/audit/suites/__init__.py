"""Suites of the audit (`audit --lane NAME`): each measures one required property of labels against bounds.

typed     single corruptions of a program's own code: named, with their category and place
rewrites  one error on top of an equivalent rewrite: the labels of the error alone
pairs     two errors that do not touch: the labels of both
traced    a wrong icon, traced: the labels of the error alone
natural   programs that somebody else wrote, with gold labels
cases     small pairs after public bug reports, with the right answer
cheap     changes that cost nothing to detect but must not be rewarded
"""

from __future__ import annotations
