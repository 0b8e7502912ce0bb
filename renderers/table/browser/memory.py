"""How much memory a process and everything below it holds."""

from __future__ import annotations

import psutil


def tree_memory_mb(root: int) -> float:
    """Private memory of a process and all its descendants, in MiB; 0 if it has ended."""
    try:
        top = psutil.Process(root)
        processes = [top, *top.children(recursive=True)]
    except psutil.Error:
        return 0.0
    total = 0
    for process in processes:
        try:
            memory = process.memory_info()
        except psutil.Error:
            continue
        total += memory.rss - memory.shared
    return total / 2**20
