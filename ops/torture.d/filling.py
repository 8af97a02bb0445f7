"""A disk that is full: everything lies on a small tmpfs with next to nothing free.

A run on a full disk may end with exit code 2. Once there is space again, nothing may be missing.
"""

import collections
import contextlib
import os
import subprocess

from arena import Untried
from killing import JOB, Killing

MEGABYTE = 1 << 20
SIZE = 512 * MEGABYTE
CODES = (0, 1, 2)


class Filling(Killing):
    """Rounds of one run on a full disk and one after space was made."""

    def __init__(self, arena, times):
        super().__init__(arena, times)
        self.ends = collections.Counter()
        self.ballast = os.path.join(arena.folder, "ballast")

    def tally(self):
        ends = [(f"  runs that ended with {code}", count) for code, count in sorted(self.ends.items())]
        return [("full disks", self.times), *ends]

    def run(self):
        self.begin()
        for _ in range(self.times):
            with contextlib.closing(self.arena.home.open()) as store:
                self.arena.feed(3, store)
            self.fill(self.chance.choice([0, 1, 4, 16, 64, 128, 256]) * 64 * 1024)
            code = self.arena.start("run", JOB).wait()
            self.ends[code] += 1
            if code not in CODES:
                self.findings.append(("failed", f"on a full disk the run ended with {code}"))
            os.remove(self.ballast)
            with contextlib.closing(self.arena.home.look()) as store:
                self.eye.look(store)
            self.eye.look_at_partner()
        self.finish()
        return self.findings + self.eye.findings

    def fill(self, free):
        """Leaves so many bytes free."""
        left = os.statvfs(self.arena.folder)
        size = max(0, left.f_bavail * left.f_frsize - free)
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def become_able_to_mount(command):
    """Who is not root begins again in a namespace of its own, where mounting is allowed; the
    findings of such a run end with it, because its disk does."""
    space = ["unshare", "--map-root-user", "--mount"]
    if os.geteuid() != 0 and subprocess.run([*space, "true"], check=False).returncode == 0:
        os.execvp(space[0], [*space, *command])


def small_disk(folder):
    """Makes the folder a small file system of its own."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},uid={os.geteuid()}", "tmpfs", folder]
    if subprocess.run(as_root(words), check=False).returncode != 0:
        raise Untried("a small file system cannot be mounted: that takes root, sudo without a "
                      "password, or user namespaces")


def remove_disk(folder):
    subprocess.run(as_root(["umount", folder]), check=True)


def as_root(words):
    return words if os.geteuid() == 0 else ["sudo", "-n", *words]
