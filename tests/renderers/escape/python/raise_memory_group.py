"""More memory than the group has, by its limit, by another group, or by a score that spares it."""

# ruff: noqa
# verdict: denied

import glob
import os

for path in ("/proc/self/oom_score_adj", f"/proc/{os.getppid()}/oom_score_adj"):
    try:
        open(path, "w").write("-1000")
    except OSError:
        pass
    else:
        break
else:
    for root in ("/sys/fs/cgroup/memory", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        for path in glob.glob(f"{root}/**/memory.*max*", recursive=True):
            open(path, "w").write("max")
        open(f"{root}/cgroup.procs", "w").write(str(os.getpid()))

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
