"""System calls that fail: the N-th open, write, fsync or rename of every thread, one N after another.

A disk error or a full disk may end a run, with a message and exit code 2. It may not end it in a
panic, and whatever it left must come out whole once the disk works again.
"""

import collections
import contextlib
import os
import shutil
import signal
import subprocess

from arena import Broken, Untried
from killing import JOB, Killing

# Kind, the calls of that kind, the errors they get in turn.
KINDS = (
    ("open", "openat,openat2", ("EIO", "ENOSPC", "EMFILE")),
    # Not write(2): the runtime wakes its threads by it, which cannot fail in the world; a full
    # disk (`fill`) is what makes it fail on files.
    ("write", "pwrite64,pwritev,ftruncate,fallocate,copy_file_range", ("EIO", "ENOSPC")),
    ("fsync", "fsync,fdatasync", ("EIO",)),
    ("rename", "rename,renameat,renameat2,linkat,unlink,unlinkat", ("EIO", "ENOSPC")),
)

# A run takes a second or two; one that takes so many hangs.
SECONDS = 60

# What a run may end with: done, done with rejects, could not run.
CODES = (0, 1, 2)


class Failing(Killing):
    """Rounds of one run each, in which one call of a kind fails."""

    def __init__(self, arena, times):
        super().__init__(arena, times)
        self.failed = 0
        self.ends = collections.Counter()
        if not shutil.which("strace"):
            raise Untried("strace is not installed: it makes system calls fail")

    def tally(self):
        ends = [(f"  runs that ended with {code}", count) for code, count in sorted(self.ends.items())]
        return [("failing calls tried", self.times), ("  of them reached", self.failed), *ends]

    def run(self):
        self.begin()
        skipped = self.calls_before_work()
        for turn in range(self.times):
            kind, calls, errors = KINDS[turn % len(KINDS)]
            number = 1 + turn // len(KINDS)
            error = errors[number % len(errors)]
            self.round_failing(kind, calls, error, skipped[kind] + number)
        self.finish()
        return self.findings + self.eye.findings

    def calls_before_work(self):
        """How many calls of each kind loading the program takes: those are not ours."""
        counts = {}
        for kind, calls, _ in KINDS:
            log = os.path.join(self.arena.folder, "calls.log")
            subprocess.run(
                ["strace", "-f", "-qqq", "-o", log, "-e", f"trace={calls}",
                 self.arena.program, "--version"],
                check=True, stdout=subprocess.DEVNULL, cwd=self.arena.folder,
            )
            with open(log, encoding="utf-8") as lines:
                counts[kind] = sum(1 for _ in lines)
        return counts

    def round_failing(self, kind, calls, error, number):
        with contextlib.closing(self.arena.home.open()) as store:
            self.arena.feed(2, store)
        log = os.path.join(self.arena.folder, "calls.log")
        process = self.arena.start("run", JOB, before=(
            "strace", "-f", "-qqq", "--seccomp-bpf", "-o", log, "-e", f"trace={calls}",
            "-e", f"inject={calls}:error={error}:when={number}",
        ))
        try:
            code = process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            code = "a hang"
        with open(log, encoding="utf-8", errors="replace") as lines:
            self.failed += any("(INJECTED)" in line for line in lines)
        self.ends[str(code)] += 1
        if code not in CODES:
            self.findings.append(
                ("failed", f"with {error} at {kind} number {number} the run ended with {code}")
            )
        with contextlib.closing(self.arena.home.look()) as store:
            self.eye.look(store)
        self.eye.look_at_partner()

    def finish(self):
        if not self.failed:
            raise Broken("no call was ever made to fail")
        super().finish()
