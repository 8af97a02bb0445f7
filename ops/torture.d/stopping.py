"""Kills at named steps: the program ends itself there as by `kill -9`, each step so many times.

The program says which steps there are (`dukou steps`), so that none can be forgotten here: a step
that no work of this script gets to is a finding. After every kill the program is started again,
every third time only to be killed once more, and the checker looks at everything.
"""

import contextlib
import json
import os
import signal
import subprocess
import time

from arena import Untried
from checker import Checker
from killing import JOB, Killing

# A step that the first runs do not get to: a held file, say, is not given every time.
TRIES = 15

# A run takes a second; one that takes so many hangs.
SECONDS = 60

# Work of the books, which has an arena of its own (`booking.py`).
BOOKS = ("push", "reconcile", "match", "report")


def named_steps(program):
    """The names of all steps, in the order of their work."""
    done = subprocess.run(
        [program, "--json", "steps"], capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise Untried("this program has no named steps: they are in builds with debug assertions, "
                      "such as target/debug/dukou")
    return [step["name"] for step in json.loads(done.stdout)["steps"]]


def area(step):
    """The work that gets to a step."""
    return step.partition(".")[0]


class Stopping(Killing):
    """Each step so many times, or one step alone."""

    def __init__(self, arena, times, only=None):
        super().__init__(arena, times)
        every = named_steps(arena.program)
        if only and only not in every:
            raise Untried(f"there is no step `{only}`; `dukou steps` lists them")
        self.every = every
        self.steps = [step for step in every if area(step) not in BOOKS and only in (None, step)]
        self.second_kills = 0
        self.missed = []

    def tally(self):
        return [("named steps", len(self.steps)), ("kills at them", self.kills),
                ("second kills, in recovery", self.second_kills),
                ("steps never reached", len(self.missed)),
                ("undisturbed runs", self.undisturbed)]

    def run(self):
        if not self.steps:
            return []
        self.begin()
        for step in self.steps:
            for turn in range(self.times):
                self.stop(step, turn)
        self.finish()
        return self.findings + self.eye.findings

    # --------------------------------------------------------------------------- one step, once

    def stop(self, step, turn):
        """Kills there, starts again, looks at everything."""
        work = self.works().get(area(step))
        if work is None or not self.kill_at(step, turn, work):
            self.missed.append(step)
            self.findings.append(("unreached", f"nothing here gets to the step `{step}`"))
            return
        if turn % 3 == 2:
            self.kill_in_recovery()
        self.restart(f"after a kill at `{step}`")

    def works(self):
        """What prepares the work of each area, and the command that does it."""
        return {
            "run": self.receiving, "file": self.receiving, "answer": self.receiving,
            "delivery": self.receiving, "acknowledgement": self.confirming,
            "recovery": self.recovering, "operator": self.resending,
        }

    def kill_at(self, step, turn, work):
        """Whether the program got there. Every second turn the second time counts, if it comes."""
        for trial in range(TRIES):
            number = 2 if turn % 2 and trial % 3 == 0 else 1
            if self.killed(self.armed(work(), f"{step}:{number}")):
                self.kills += 1
                return True
            self.undisturbed += 1
        return False

    def armed(self, words, step):
        return self.arena.start(*words, variables={"DUKOU_KILL_AT": step})

    def killed(self, process):
        """Whether it ended as armed; every other end is looked at here."""
        try:
            code = process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.findings.append(("failed", f"a run did not end within {SECONDS} seconds"))
            return False
        if code not in (0, 1, -signal.SIGKILL):
            self.failures.append(f"a run that was to die ended with {code}: see output.log")
        with contextlib.closing(self.arena.home.look()) as store:
            self.eye.look(store)
        self.eye.look_at_partner()
        return code == -signal.SIGKILL

    def restart(self, when):
        """The program again, undisturbed; then nothing may be wrong or left."""
        self.make_leftovers_old()
        self.arena.call("run", JOB)
        with contextlib.closing(self.arena.home.open()) as store:
            self.eye.look(store, everything=True)
            found = Checker(self.arena.folder, store, self.arena.expected).check()
        self.findings += [(kind, f"{when}: {text}") for kind, text in found]

    def kill_in_recovery(self):
        """A second kill, anywhere in the recovery of the first."""
        steps = [step for step in self.every if area(step) in ("file", "answer", "delivery")]
        step = self.chance.choice([*steps, "recovery.begun", "recovery.buried", "recovery.freed",
                                   "recovery.handled", "recovery.answered", "recovery.finished",
                                   "recovery.delivered", "recovery.cleaned"])
        self.second_kills += self.killed(self.armed(["recover"], step))

    # ------------------------------------------------------------------------------- the works

    def receiving(self):
        with contextlib.closing(self.arena.home.open()) as store:
            self.arena.feed(3, store)
        return ["run", JOB]

    def confirming(self):
        """The centre confirms accounting answers; receiving that acknowledges them."""
        self.receiving()
        self.arena.call("run", JOB)
        self.arena.confirm()
        return ["run", JOB]

    def recovering(self):
        """A crash first, at a step that leaves something to do."""
        step = self.chance.choice(["file.registered", "file.staged", "file.committed",
                                   "answer.committed", "delivery.named", "file.completed",
                                   "file.moved"])
        self.killed(self.armed(self.receiving(), step))
        return ["recover"]

    def resending(self):
        """An operator sends an answer again: it is there already, and stays one."""
        with contextlib.closing(self.arena.home.open()) as store:
            sent = store.rows("SELECT delivery_no FROM ledger_delivery WHERE state = 'sent' "
                              "ORDER BY delivery_no")
        if not sent:
            return self.receiving()
        number = self.chance.choice(sent)[0]
        return ["deliveries", "resend", number, "--reason", "torture", "--as", "torture"]


class Racing(Stopping):
    """Two processes: one is held at a step while the other works, and goes on afterwards or dies
    there. Whatever the other does meanwhile, both together do everything once."""

    def __init__(self, arena, times, only=None):
        super().__init__(arena, times, only)
        aside = (*BOOKS, "acknowledgement", "operator")
        self.steps = [step for step in self.steps if area(step) not in aside]
        self.ended_beside = self.waited = 0

    def tally(self):
        return [("named steps", len(self.steps)), ("processes held at them", self.races),
                ("  while the other ended", self.ended_beside),
                ("  while the other waited", self.waited), ("  of them killed", self.kills),
                ("steps never reached", len(self.missed))]

    def stop(self, step, turn):
        works = self.works()
        for trial in range(TRIES):
            words = works[area(step)]()
            held = self.arena.start(*words, variables={"DUKOU_HOLD_AT": step})
            if self.is_held(held):
                self.beside(held, dies=(turn + len(step)) % 3 == 2)
                self.restart(f"after a race at `{step}`")
                return
            self.note_end(held)
        self.missed.append(step)
        self.findings.append(("unreached", f"nothing here gets to the step `{step}`"))

    def is_held(self, process):
        """Waits until it stopped or ended."""
        until = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < until:
            with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
                if file.read().rpartition(")")[2].split()[0] in ("T", "t"):
                    return True
            time.sleep(0.002)
        return False

    def beside(self, held, dies):
        """The other process, beside the one that is held."""
        self.races += 1
        other = self.arena.start("run", JOB)
        try:
            other.wait(timeout=1)
            self.ended_beside += 1
        except subprocess.TimeoutExpired:
            # The held one has the store's lock: the other waits for it, as it must.
            self.waited += 1
        if dies:
            os.killpg(held.pid, signal.SIGKILL)
            held.wait()
            self.kills += 1
        else:
            os.killpg(held.pid, signal.SIGCONT)
            self.note_end(held)
        self.note_end(other)
        with contextlib.closing(self.arena.home.look()) as store:
            self.eye.look(store)
        self.eye.look_at_partner()
