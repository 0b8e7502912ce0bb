"""The protocol of the published evaluation script, rule by rule, so that scores compare with the paper's.

It differs from ours (`train.evaluate.agreement`) where the script does: a match is asked for within one
category only, replies are read leniently, errors of a category that the task does not have are dropped on both
sides, false alarms and misses are what the judge lists as unmatched, and severity correlates by category too.
"""

from __future__ import annotations
