"""Kills at random moments, and what was going on at each of them."""

import collections
import contextlib
import os
import random
import signal
import time

from arena import Broken
from checker import Checker, files_below
from visible import Eye, Watch

JOB = "etc_clearing/receive_messages"

# In the order of a file's life.
STAGES = (
    "starting", "listing", "landing", "staging or loading", "confirming", "answering", "rendering",
    "sending", "clearing outbox", "finishing", "releasing", "ending",
)

# Where the steps of a file's life show: it is landed, rendered, sent, finished.
PLACES = (
    "var/archive/tmp", "outbox/etc_clearing/from_issuer", "inbox/etc_clearing/from_issuer",
    "inbox/etc_clearing/to_issuer_done", "inbox/etc_clearing/to_issuer_done",
)


def last_change(folder):
    """When a name last came or went there."""
    try:
        return os.stat(folder).st_mtime_ns
    except FileNotFoundError:
        return None


class Killing:
    """One torture: its tally and its findings."""

    def __init__(self, arena, times):
        self.arena = arena
        self.times = times
        self.chance = random.Random(f"{arena.seed}/kills")
        self.eye = Eye(arena.expected, os.path.join(arena.partner, "from_issuer"))
        self.stages = collections.Counter()
        self.kills = self.races = self.undisturbed = self.in_recovery = 0
        self.findings = []
        self.failures = []

    # ------------------------------------------------------------------------------ the rounds

    def run(self):
        """Kills until it was often enough, then lets the hub finish and looks at everything."""
        self.begin()
        idle = 0
        while self.kills < self.times and idle < 20:
            before = self.kills
            self.round()
            idle = 0 if self.kills > before else idle + 1
        if self.kills < self.times:
            raise Broken("the program always ended before it could be killed: give it more work")
        self.finish()
        return self.findings + self.eye.findings

    def begin(self):
        """A migrated store, a first day."""
        if self.arena.home.name == "postgres":
            self.arena.call("store", "migrate", codes=(0,))
        self.arena.new_day()
        self.startup = self.time_to_start()

    def tally(self):
        """What was done, by name."""
        stages = [(f"  while {stage}", self.stages[stage]) for stage in STAGES]
        return [("kills", self.kills), ("  of them in recovery", self.in_recovery), *stages,
                ("races of two processes", self.races), ("undisturbed runs", self.undisturbed)]

    def time_to_start(self):
        """Seconds until a process is at work; machines and databases differ."""
        began = time.monotonic()
        self.arena.call("recover")
        return time.monotonic() - began

    def round(self):
        with contextlib.closing(self.arena.home.open()) as store:
            self.arena.feed(6, store)
        watch = Watch(self.eye, self.arena.home)
        watch.start()
        try:
            killed = self.race() if self.chance.random() < 0.25 else self.one()
        finally:
            watch.end()
        with contextlib.closing(self.arena.home.look()) as store:
            for process in killed:
                self.note_stage(process, store)
            self.eye.look(store, everything=self.kills % 10 == 0)
        self.eye.look_at_partner()

    def one(self):
        process = self.arena.start("run", JOB)
        # Now and then it may finish, so that the work goes on in long strides too.
        if self.chance.random() < 0.05:
            self.note_end(process)
            self.undisturbed += 1
            return []
        if self.chance.random() < 0.4:
            return self.ambush(process)
        return self.kill_after(process, self.delay())

    def ambush(self, process):
        """Waits for a step that can be seen from outside, and kills right behind it."""
        place = os.path.join(self.arena.folder, self.chance.choice(PLACES))
        steps = self.chance.randint(1, 6)
        seen, until = last_change(place), time.monotonic() + 2
        while steps and process.poll() is None and time.monotonic() < until:
            now = last_change(place)
            if now != seen:
                seen, steps = now, steps - 1
            time.sleep(0.0002)
        return self.kill_after(process, self.chance.choice([0, 0, self.chance.uniform(0, 0.01)]))

    def race(self):
        """Two processes on one store; each is killed at its own moment."""
        self.races += 1
        first = self.arena.start("run", JOB)
        time.sleep(self.chance.uniform(0, 0.1))
        second = self.arena.start("run", JOB)
        (short, early), (long, late) = sorted(
            [(self.delay(), 0), (self.delay(), 1)], key=lambda pair: pair[0]
        )
        both = [first, second]
        killed = self.kill_after(both[early], short)
        return killed + self.kill_after(both[late], long - short)

    def delay(self):
        """Seconds: most within the first files, some from far into the work or before it."""
        kind = self.chance.random()
        if kind > 0.2:
            return self.startup + self.delay_of_work()
        return self.chance.uniform(0, self.startup)

    def delay_of_work(self):
        kind = self.chance.random()
        if kind < 0.6:
            return self.chance.uniform(0, 0.3)
        if kind < 0.9:
            return self.chance.uniform(0.1, 0.5)
        return self.chance.uniform(0.5, 1)

    def kill_after(self, process, seconds):
        time.sleep(seconds)
        if process.poll() is not None:
            self.note_end(process)
            return []
        os.killpg(process.pid, signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            self.note_end(process)
            return []
        self.kills += 1
        return [process]

    def note_end(self, process):
        code = process.wait()
        if code not in (0, 1):
            self.failures.append(f"a run that nobody killed ended with {code}: see output.log")

    # ------------------------------------------------------------------------------ the stages

    def note_stage(self, process, store):
        node = f"%/{process.pid}/%"
        runs = store.rows(f"SELECT state FROM ledger_run WHERE node LIKE '{node}'")
        claims = store.rows(
            "SELECT path, name FROM ledger_claim "
            f"WHERE holder LIKE '{node}' AND released_at IS NULL ORDER BY claimed_at"
        )
        if claims:
            self.in_recovery += not runs
            self.stages[self.stage_of(claims[-1], store)] += 1
        elif not runs:
            self.stages["starting"] += 1
        else:
            self.stages["listing" if runs[0][0] == "running" else "ending"] += 1

    def stage_of(self, claim, store):
        path, name = claim
        if path == "from_issuer":
            rows = store.rows(f"SELECT state FROM ledger_delivery WHERE name = '{name}'")
            states = {"composed": "rendering", "staged": "sending"}
            return states.get(rows[0][0], "clearing outbox")
        rows = store.rows(
            "SELECT file_no, state, answer_state, finish_state FROM ledger_file "
            f"WHERE path = '{path}' AND name = '{name}' ORDER BY file_no DESC"
        )
        lies = os.path.exists(os.path.join(self.arena.partner, path, name))
        if not rows or (rows[0][3] == "done" and lies):
            return "landing"
        number, state, answer, finish = rows[0]
        if state == "landed":
            return "staging or loading"
        if finish == "done":
            return "releasing"
        waiting = store.rows(
            f"SELECT 1 FROM ledger_delivery WHERE answers_file = {number} "
            "AND state IN ('composed', 'staged')"
        )
        if waiting:
            return "confirming"
        return "answering" if answer == "pending" else "finishing"

    # --------------------------------------------------------------------------------- the end

    def finish(self):
        """Nobody disturbs it any more: recovery, the rest of the work, and nothing may be left."""
        self.make_leftovers_old()
        self.arena.call("recover")
        with contextlib.closing(self.arena.home.open()) as store:
            self.arena.feed_rest(store)
        self.arena.call("run", JOB)
        again = self.arena.call("recover")["recovered"]
        left = {name: value for name, value in again.items() if value}
        if left:
            self.findings.append(("left_over", f"a second recovery still found work: {left}"))
        with contextlib.closing(self.arena.home.open()) as store:
            self.eye.look(store, everything=True)
            self.findings += Checker(self.arena.folder, store, self.arena.expected).check()
        self.compare_delivered()
        self.findings += [("failed", text) for text in self.failures]

    def make_leftovers_old(self):
        """Temporary files may be another process's for an hour; here that hour is over."""
        long_ago = time.time() - 2 * 60 * 60
        outbox = os.path.join(self.arena.folder, "outbox")
        for path in files_below(self.arena.folder):
            if path.endswith(".part") or path.startswith(outbox + os.sep):
                os.utime(path, (long_ago, long_ago))
            folder = os.path.dirname(path)
            if os.path.basename(folder).startswith(".making-"):
                os.utime(folder, (long_ago, long_ago))

    def compare_delivered(self):
        """What the partner could have taken away early is what lies there at the end."""
        for name, data in self.eye.delivered.items():
            path = os.path.join(self.eye.folder, name)
            if not os.path.exists(path):
                self.findings.append(("lost", f"`{name}` was delivered and is gone"))
                continue
            with open(path, "rb") as file:
                if file.read() != data:
                    self.findings.append(("altered", f"`{name}` changed after it was delivered"))
