"""The cases: what is done, by whom, and how it is seen that it was done.

A case makes its data once, and its contestants once per round start from nothing: an empty store,
the partner's file where they expect it. Only the command is timed.
"""

import os
import shlex
import sys

import hub
import measure
import postgres

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")


class Contestant:
    """One way to do a case's work; peers are programs of `peers/`, run in an empty folder."""

    is_ours = False

    def __init__(self, name, command, expected, environment=None):
        self.name = name
        self.line = command
        self.expected = expected
        self.variables = environment or {}

    def prepare(self, folder):
        pass

    def command(self, folder):
        return [str(part) for part in self.line]

    def environment(self, folder):
        return self.variables

    def verify(self, folder, output):
        """The last words that a peer prints are what it found in its own store."""
        found = output.split()[-len(self.expected):]
        if found != [str(number) for number in self.expected]:
            raise measure.Failed(f"{self.name}: found {found}, expected {self.expected}")

    def clear(self, folder):
        pass


class Ours(Contestant):
    """The hub on a store of its own; `verify_with` asks that store."""

    is_ours = True

    def __init__(self, name, files, jobs, expected, question, url=None, ask=None):
        super().__init__(name, None, expected)
        self.files, self.jobs, self.question = files, jobs, question
        self.url = url or (lambda: "sqlite://var/dukou.db")
        self.ask = ask or hub.ask

    def prepare(self, folder):
        hub.place(folder, self.url())
        for file, name in self.files:
            hub.drop(folder, file, name)

    def command(self, folder):
        # A break found is exit code 1: work done.
        lines = [f"{shlex.join(hub.run(job))} || [ $? = 1 ]" for job in self.jobs]
        return ["sh", "-c", " && ".join(f"{{ {line}; }}" for line in lines)]

    def verify(self, folder, output):
        found = tuple(int(number) for number in self.ask(folder, self.question))
        if found != tuple(self.expected):
            raise measure.Failed(f"{self.name}: found {found}, expected {self.expected}\n{output}")


def python(script, *arguments):
    return [sys.executable, "-B", os.path.join(PEERS, script), *arguments]


def shell(script, *arguments):
    return [os.path.join(PEERS, script), *arguments]


def stated(file):
    """Count and sum as the file's own header line states them."""
    with open(file, "rb") as content:
        _, _, count, amount = content.readline().decode("ascii").strip().split(",")
    return int(count), int(amount)


LOADED = "SELECT count(*), sum(amount) FROM bench_recharge"
OURS_FILE, BANK_FILE = "RECHARGE_20260309.txt", "BANK_20260309.txt"


class Ingest:
    """one file of 14 columns in GBK into an embedded store, checked, durable, with lineage"""

    def __init__(self, place, rows, seed):
        hub.simulate(place, rows, seed)
        self.file = os.path.join(place, OURS_FILE)
        self.expected = stated(self.file)

    def contestants(self):
        file, expected = self.file, self.expected
        return [
            Ours("dukou", [(file, OURS_FILE)], ["bench/load_recharges"], expected, LOADED),
            Contestant("DuckDB, key", python("duckdb_load.py", file, "d.db", "keyed"), expected),
            Contestant("DuckDB, distinct", python("duckdb_load.py", file, "d.db", "distinct"),
                       expected),
            Contestant("sqlite3 .import, key", shell("sqlite_load.sh", file, "s.db"), expected),
            Contestant("polars to Parquet", python("polars_load.py", file, "o.parquet"), expected),
            Contestant("dlt to DuckDB, merge", python("dlt_load.py", file, "dlt"), expected),
            Contestant("pandas to SQLite", python("pandas_load.py", file, "p.db"), expected),
        ]

    def close(self):
        pass


class IngestPostgres(Ingest):
    """the same file into a keyed table of PostgreSQL"""

    def __init__(self, place, rows, seed):
        super().__init__(place, rows, seed)
        self.server = postgres.Server()

    def contestants(self):
        copy = shell("psql_load.sh", self.file, self.server.url("peer"))
        peer = Contestant("psql COPY, key", copy, self.expected)
        peer.prepare = lambda folder: self.server.fresh("peer")
        return [
            Ours("dukou", [(self.file, OURS_FILE)], ["bench/load_recharges"], self.expected,
                 LOADED, url=lambda: self.server.fresh("ours"),
                 ask=lambda _, sql: self.server.sql(sql, "ours").split()),
            peer,
        ]

    def close(self):
        self.server.stop()


class DayClose:
    """both sides of a day in, matched row by row, the breaks written; one store"""

    MISSING, EXTRA, DIFFERING = 4_893, 5_000, 5_025

    def __init__(self, place, rows, seed):
        part = max(1, 1_000_000 // rows)
        planted = [self.MISSING // part, self.EXTRA // part, self.DIFFERING // part]
        hub.simulate(place, rows, seed, "--bank", "--missing", str(planted[0]),
                     "--extra", str(planted[1]), "--differing", str(planted[2]))
        self.ours, self.bank = (os.path.join(place, name) for name in (OURS_FILE, BANK_FILE))
        self.planted = tuple(planted)

    def contestants(self):
        pair = (self.ours, self.bank)
        breaks = ("SELECT sum(kind = 'one_sided_ours'), sum(kind = 'one_sided_theirs'), "
                  "sum(kind IN ('amount', 'status', 'element')) FROM ledger_break")
        return [
            Ours("dukou", [(self.ours, OURS_FILE), (self.bank, BANK_FILE)],
                 ["bench/load_recharges", "bench/load_bank", "bench/match_day"],
                 self.planted, breaks),
            Contestant("DuckDB, distinct",
                       python("duckdb_day.py", *pair, "d.db", "distinct"), self.planted),
            Contestant("DuckDB, key",
                       python("duckdb_day.py", *pair, "d.db", "keyed"), self.planted),
            Contestant("pandas", python("pandas_day.py", *pair, "p.db"), self.planted),
        ]

    def close(self):
        pass


CASES = {
    "ingest": Ingest,
    "ingest_postgres": IngestPostgres,
    "day_close": DayClose,
}
