"""The cases: what is done, by whom, and how it is seen that it was done.

A case makes its data once. Its first contestant is the hub; what is compared with what says
`ratios`.
"""

import datetime
import os
import sys

import hub
import postgres
from contestants import Checkpointed, Contestant, Embedded, Lap, OnServer, Ours, python, shell

LOADED = "SELECT count(*), sum(amount) FROM bench_recharge"
INBOX = os.path.join("inbox", "bench", "in")


def inbox(name):
    return os.path.join(INBOX, name)


def recharges(day=hub.DAY, end="txt"):
    return f"RECHARGE_{day.replace('-', '')}.{end}"


def bank(day=hub.DAY):
    return f"BANK_{day.replace('-', '')}.txt"


def working_days(count):
    """So many days from the first on, weekends left out."""
    first = datetime.date.fromisoformat(hub.DAY)
    later = (first + datetime.timedelta(days=more) for more in range(2 * count))
    return [str(day) for day in later if day.weekday() < 5][:count]


def stated(file):
    """Count and sum as the file's own header line states them."""
    with open(file, "rb") as content:
        _, _, count, amount = content.readline().decode("ascii").strip().split(",")
    return int(count), int(amount)


def formed(form, plain, file):
    """Has the same rows written in another form."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "forms.py")
    hub.do(hub.ROOT, [sys.executable, "-B", script, form, plain, file])


def delimited(file, expected, store=None, name="dukou, delimited"):
    """The hub taking in a day's delimited file."""
    files = [(file, inbox(recharges()))]
    return Ours(name, files, ["bench/load_recharges"], expected, LOADED, store)


class Case:
    """Everything the cases share; `title` stands above the column of ratios."""

    title = "ours / it"

    def ratios(self, rows):
        """For which row, which row over which: here the hub, the first, over each peer."""
        return [(peer, rows[0], peer) for peer in rows[1:]]

    def store(self):
        return Embedded()

    def close(self):
        pass


class WithServer:
    """Before a case: the hub's store is a database of a private PostgreSQL."""

    def __init__(self, place, rows, seed):
        super().__init__(place, rows, seed)
        self.server = postgres.Server()

    def store(self):
        return OnServer(self.server)

    def close(self):
        self.server.stop()


class OverPlain(Case):
    """A case of two contestants of our own: the heavier form of the work, then the plain one."""

    title = "it / plain"

    def ratios(self, rows):
        return [(rows[0], *rows)]


class Ingest(Case):
    """one file of 14 columns in GBK into an embedded store, checked, durable, with lineage"""

    def __init__(self, place, rows, seed):
        hub.simulate(place, rows, seed)
        self.file = os.path.join(place, recharges())
        self.expected = stated(self.file)

    def contestants(self):
        file, expected = self.file, self.expected
        return [
            delimited(file, expected, name="dukou"),
            Contestant("DuckDB, key", python("duckdb_load.py", file, "d.db", "keyed"), expected),
            Contestant("DuckDB, distinct", python("duckdb_load.py", file, "d.db", "distinct"),
                       expected),
            Contestant("sqlite3 .import, key", shell("sqlite_load.sh", file, "s.db"), expected),
            Contestant("polars to Parquet", python("polars_load.py", file, "o.parquet"), expected),
            Contestant("dlt to DuckDB, merge", python("dlt_load.py", file, "dlt"), expected),
            Contestant("pandas to SQLite", python("pandas_load.py", file, "p.db"), expected),
        ]


class IngestPostgres(WithServer, Ingest):
    """the same file into a keyed table of PostgreSQL"""

    def contestants(self):
        copy = shell("psql_load.sh", self.file, self.server.url("peer"))
        peer = Contestant("psql COPY, key", copy, self.expected)
        peer.prepare = lambda folder: self.server.fresh("peer")
        return [delimited(self.file, self.expected, self.store(), "dukou"), peer]


class DayClose(Case):
    """both sides of a day in, matched row by row, the breaks written; one store"""

    MISSING, EXTRA, DIFFERING = 4_893, 5_000, 5_025

    def __init__(self, place, rows, seed):
        part = max(1, 1_000_000 // rows)
        planted = [self.MISSING // part, self.EXTRA // part, self.DIFFERING // part]
        hub.simulate(place, rows, seed, "--bank", "--missing", str(planted[0]),
                     "--extra", str(planted[1]), "--differing", str(planted[2]))
        self.ours, self.bank = (os.path.join(place, name) for name in (recharges(), bank()))
        self.planted = tuple(planted)

    def contestants(self):
        pair, planted = (self.ours, self.bank), self.planted
        breaks = ("SELECT sum(kind = 'one_sided_ours'), sum(kind = 'one_sided_theirs'), "
                  "sum(kind IN ('amount', 'status', 'element')) FROM ledger_break")
        return [
            Ours("dukou", [(self.ours, inbox(recharges())), (self.bank, inbox(bank()))],
                 [("bench/load_recharges", "bench/load_bank"), "bench/match_day"], planted, breaks),
            Contestant("DuckDB, distinct", python("duckdb_day.py", *pair, "d.db", "distinct"),
                       planted),
            Contestant("DuckDB, key", python("duckdb_day.py", *pair, "d.db", "keyed"), planted),
            Contestant("sqlite3, key", shell("sqlite_day.sh", *pair, "s.db"), planted),
            Contestant("polars to Parquet", python("polars_day.py", *pair), planted),
            Contestant("pandas", python("pandas_day.py", *pair, "p.db"), planted),
            Contestant("datacompy, pandas", python("datacompy_day.py", *pair, "p.db"), planted),
        ]


class OtherForm(OverPlain):
    """The same rows in another form, beside the delimited file that they were made of."""

    def __init__(self, place, rows, seed):
        hub.simulate(place, rows, seed)
        self.plain = os.path.join(place, recharges())
        self.file = os.path.join(place, recharges(end=self.end))
        formed(self.form, self.plain, self.file)
        self.expected = stated(self.plain)

    def contestants(self):
        files = [(self.file, inbox(recharges(end=self.end)))]
        return [Ours(self.name, files, [self.job], self.expected, LOADED),
                delimited(self.plain, self.expected)]


class Fixed(OtherForm):
    """the same 14 columns in fixed width, beside delimited"""

    name, job = "dukou, fixed width", "bench/load_fixed"
    form, end = "fixed", "dat"


class Json(OtherForm):
    """the same 14 columns as JSON, one document a line, beside delimited"""

    name, job = "dukou, JSON", "bench/load_json"
    form, end = "ndjson", "jsonl"


class Workbook(Case):
    """a workbook of a tenth of the rows, beside pandas"""

    def __init__(self, place, rows, seed):
        hub.simulate(place, max(1, rows // 10), seed)
        plain = os.path.join(place, recharges())
        self.file = os.path.join(place, recharges(end="xlsx"))
        formed("workbook", plain, self.file)
        self.expected = stated(plain)

    def contestants(self):
        files = [(self.file, inbox(recharges(end="xlsx")))]
        return [
            Ours("dukou", files, ["bench/load_workbook"], self.expected, LOADED),
            Contestant("pandas, openpyxl", python("pandas_workbook.py", self.file, "p.db"),
                       self.expected),
        ]


class Centre(Ours):
    """The hub taking in a clearing centre's packages: each is confirmed and accounted."""

    config = "."

    def prepare(self, folder):
        super().prepare(folder)
        hub.do(folder, hub.run("etc_clearing/receive_lists"))

    def verify(self, folder, output):
        super().verify(folder, output)
        # The confirmation and the accounting answer of every package.
        sent = os.listdir(os.path.join(folder, "inbox", "etc_clearing", "from_issuer"))
        self.compare([len(sent)], [2 * self.expected[2]], output)


class Packages(OverPlain):
    """ETC transactions in packages (XML, LZ77) confirmed and accounted, beside delimited"""

    RECORDS = 10_000

    def __init__(self, place, rows, seed):
        records = min(rows, self.RECORDS)
        self.packages = max(1, rows // records)
        self.day = os.path.join(place, "day")
        hub.simulate_centre(self.day, self.packages, records, seed)
        hub.simulate(place, self.packages * records, seed)
        self.plain = os.path.join(place, recharges())

    def contestants(self):
        waves = (("1_lists/lists", "lists"), ("3_transactions/to_issuer", "to_issuer"))
        files = [(os.path.join(self.day, wave, name),
                  os.path.join("inbox", "etc_clearing", folder, name))
                 for wave, folder in waves for name in os.listdir(os.path.join(self.day, wave))]
        question = ("SELECT (SELECT count(*) FROM etc_transaction WHERE decision IS NULL), "
                    "(SELECT sum(amount) FROM etc_accounting), "
                    "(SELECT count(*) FROM etc_accounting)")
        told = hub.stated_by_centre(self.day)
        return [
            Centre("dukou, packages", files, ["etc_clearing/receive_messages"],
                   (*told, self.packages), question, self.store()),
            delimited(self.plain, stated(self.plain), self.store()),
        ]


class PackagesPostgres(WithServer, Packages):
    """the same into PostgreSQL"""


class Memory(Case):
    """one file and one of ten times its rows: memory and time, with the log moved too"""

    title = "10 x / 1 x"

    def __init__(self, place, rows, seed):
        self.files = []
        for times in (1, 10):
            folder = os.path.join(place, f"{times}x")
            hub.simulate(folder, rows * times, seed)
            self.files.append((f"dukou, {times} x", os.path.join(folder, recharges())))

    def contestants(self):
        return [Checkpointed(name, [(file, inbox(recharges()))], ["bench/load_recharges"],
                             stated(file), LOADED) for name, file in self.files]

    def ratios(self, rows):
        one, one_moved, ten, ten_moved = rows
        return [(ten, ten, one), (ten_moved, ten_moved, one_moved)]


class Days(Ours):
    """The hub taking in one day after the other into one dataset."""

    def __init__(self, days, expected, store=None):
        super().__init__("dukou", [], ["bench/load_recharges"], expected, LOADED, store)
        self.days = days

    def laps(self, folder):
        self.prepare(folder)
        for number, (day, file) in enumerate(self.days, start=1):
            hub.drop(folder, file, inbox(recharges(day)))
            yield Lap(f"day {number}", self.command(day))


class TenthDay(Case):
    """ten days one after the other into one dataset: the tenth beside the first"""

    title = "it / day 1"

    def __init__(self, place, rows, seed):
        days = working_days(10)
        for number, day in enumerate(days):
            hub.simulate(place, rows, seed + number, day=day)
        self.days = [(day, os.path.join(place, recharges(day))) for day in days]

    def contestants(self):
        figures = [stated(file) for _, file in self.days]
        return [Days(self.days, tuple(map(sum, zip(*figures))), self.store())]

    def ratios(self, rows):
        return [(row, row, rows[0]) for row in rows[1:]]


class TenthDayPostgres(WithServer, TenthDay):
    """the same into PostgreSQL"""


CASES = {
    "ingest": Ingest,
    "ingest_postgres": IngestPostgres,
    "day_close": DayClose,
    "fixed": Fixed,
    "json": Json,
    "workbook": Workbook,
    "packages": Packages,
    "packages_postgres": PackagesPostgres,
    "memory": Memory,
    "tenth_day": TenthDay,
    "tenth_day_postgres": TenthDayPostgres,
}
