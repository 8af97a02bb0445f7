"""One child process, measured: wall time, processor time and the most memory it held.

Memory is the peak of the process itself or of its largest child, as the system counts it, in MiB.
"""

import os
import subprocess
import time
from dataclasses import dataclass


class Failed(Exception):
    """A contestant did not do its work; its output says why."""


@dataclass
class Taken:
    wall: float
    cpu: float
    mib: float
    output: str

    def plus(self, other):
        """Both, one after the other."""
        return Taken(self.wall + other.wall, self.cpu + other.cpu, max(self.mib, other.mib),
                     other.output)


def run(command, folder, environment=None):
    """Runs a command in a folder, its output read at the end; fails unless it exits with 0."""
    with open(os.path.join(folder, "output.txt"), "w+") as output:
        began = time.monotonic()
        child = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(environment or {})},
            stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: exit {child.returncode}\n{text[-2000:]}")
    return Taken(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)
