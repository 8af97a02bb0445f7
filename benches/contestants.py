"""Who does a case's work: a peer's script, or the hub on a store of its own.

A contestant starts every round from an empty folder, and does its work in one or several laps, each
a row of the table. Only the lap's command is timed.
"""

import os
import shlex
import sys

import hub
import measure

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")


class Lap:
    """One measured command; `after` names the row whose time and memory it adds itself to."""

    def __init__(self, row, command, after=None):
        self.row, self.command, self.after = row, [str(part) for part in command], after


class Contestant:
    """One way to do a case's work; peers are programs of `peers/`."""

    is_ours = False

    def __init__(self, name, command, expected, environment=None):
        self.name = name
        self.line = command
        self.expected = expected
        self.environment = environment or {}

    def prepare(self, folder):
        pass

    def laps(self, folder):
        """The laps in order; what is done before one is given is not measured."""
        self.prepare(folder)
        yield Lap(self.name, self.line)

    def verify(self, folder, output):
        """The last words that a peer prints are what it found in its own store."""
        found = output.split()[-len(self.expected):]
        self.compare(found, [str(number) for number in self.expected], output)

    def compare(self, found, expected, output=""):
        if list(found) != list(expected):
            raise measure.Failed(f"{self.name}: found {found}, expected {expected}\n{output}")


class Ours(Contestant):
    """The hub: files where the partner puts them, jobs one after the other (those of a tuple at
    once, as cron starts them), `question` asked of its store."""

    is_ours = True
    config = "fixtures/bench"

    def __init__(self, name, files, jobs, expected, question, store=None):
        super().__init__(name, None, expected)
        self.files, self.jobs, self.question = files, jobs, question
        self.store = store or Embedded()

    def prepare(self, folder):
        hub.place(folder, self.store.url(), self.config)
        for file, path in self.files:
            hub.drop(folder, file, path)

    def laps(self, folder):
        self.prepare(folder)
        yield Lap(self.name, self.command())

    def command(self, day=hub.DAY):
        return ["sh", "-c", " && ".join(self.step(step, day) for step in self.jobs)]

    def step(self, jobs, day):
        # A break found is exit code 1: work done.
        lines = [f"{{ {shlex.join(hub.run(job, day))} || [ $? = 1 ]; }}"
                 for job in ([jobs] if isinstance(jobs, str) else jobs)]
        *aside, last = lines
        started = "".join(f"{line} & p{at}=$!; " for at, line in enumerate(aside))
        waited = "".join(f" && wait $p{at}" for at in range(len(aside)))
        return f"{{ {started}{last}{waited}; }}"

    def verify(self, folder, output):
        found = [int(number) for number in self.store.ask(folder, self.question)]
        self.compare(found, self.expected, output)


class Checkpointed(Ours):
    """The hub, and what SQLite still has to do afterwards: moving its write-ahead log."""

    def laps(self, folder):
        yield from super().laps(folder)
        yield Lap(f"{self.name}, checkpointed", python("checkpoint.py", "var/dukou.db"),
                  after=self.name)


class Embedded:
    """The hub's own SQLite."""

    def url(self):
        return "sqlite://var/dukou.db"

    def ask(self, folder, question):
        return hub.ask(folder, question)


class OnServer:
    """A database of a private PostgreSQL, empty at the beginning of every round."""

    def __init__(self, server, database="ours"):
        self.server, self.database = server, database

    def url(self):
        return self.server.fresh(self.database)

    def ask(self, folder, question):
        return self.server.sql(question, self.database).split()


def python(script, *arguments):
    return [sys.executable, "-B", os.path.join(PEERS, script), *arguments]


def shell(script, *arguments):
    return [os.path.join(PEERS, script), *arguments]
