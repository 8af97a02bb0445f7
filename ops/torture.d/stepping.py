"""A clock that steps: every run has another idea of what time it is, and most of them are killed.

Leases, deadlines and names that carry a time must survive it; loading a file twice because a
lease of the future or the past looks expired would be found by the checker.
"""

import collections
import contextlib
import glob

from arena import Untried
from killing import JOB, Killing

# For libfaketime: offsets, and moments at which calendars go wrong.
CLOCKS = ("+1h", "-1h", "-1d", "+2d", "+40d", "+10y", "@2028-02-29 23:59:59", "@2026-12-31 23:59:58")


class Stepping(Killing):
    """Rounds of one run each at another time."""

    def __init__(self, arena, times):
        super().__init__(arena, times)
        self.clocks = collections.Counter()
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not found:
            raise Untried("libfaketime is not installed (Debian package faketime)")
        self.library = found[0]

    def tally(self):
        clocks = [(f"  at {clock}", count) for clock, count in sorted(self.clocks.items())]
        return [("runs at another time", sum(self.clocks.values())), *clocks,
                ("kills", self.kills)]

    def run(self):
        self.begin()
        for _ in range(self.times):
            with contextlib.closing(self.arena.home.open()) as store:
                self.arena.feed(3, store)
            clock = self.chance.choice(CLOCKS)
            self.clocks[clock] += 1
            process = self.arena.start("run", JOB, variables={
                "LD_PRELOAD": self.library, "FAKETIME": clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            })
            if self.chance.random() < 0.7:
                self.kill_after(process, self.delay())
            else:
                self.note_end(process)
            with contextlib.closing(self.arena.home.look()) as store:
                self.eye.look(store)
            self.eye.look_at_partner()
        self.finish()
        return self.findings + self.eye.findings
