"""A hub of its own in a fresh directory, and the partner who keeps it busy."""

import collections
import datetime
import json
import os
import random
import shutil
import subprocess

from expected import Expected, Given

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIRST_DAY = datetime.date(2026, 3, 9)

SETTINGS = """\
timezone = "Asia/Shanghai"

[store]
{store}

[values]
issuer_id = "000000000000003D"
centre_id = "0000000000000061"

[connection.etc_clearing.dir]
path = "inbox/etc_clearing"
"""


def program(builds=("release", "debug")):
    """The program under test: as named, else the first of these builds that is there."""
    candidates = [
        os.environ.get("DUKOU_BIN"),
        *(os.path.join(ROOT, "target", build, "dukou") for build in builds),
    ]
    for path in candidates:
        if path and os.access(path, os.X_OK):
            return os.path.abspath(path)
    raise Untried("no program; run `cargo build --release`, or name one in DUKOU_BIN")


# What of the shipped configuration is the clearing centre's.
SHIPPED = ("jobs/calendars", "jobs/etc_clearing", "mappings/codes", "mappings/datasets",
           "mappings/etc_clearing")
DATASETS = ("etc_", "card_blacklist", "card_status_history", "obu_blacklist")


def others(folder, names):
    """Datasets of other partners, which would only slow every start."""
    if os.path.basename(folder) != "datasets":
        return []
    return [name for name in names if not name.startswith(DATASETS)]


class Arena:
    """The directory, the program in it, and what the partner gives."""

    def __init__(self, folder, home, volume, seed, builds=("release", "debug")):
        self.folder = folder
        self.home = home
        self.packages, self.records = volume
        self.seed = seed
        self.chance = random.Random(f"{seed}/partner")
        self.program = program(builds)
        self.partner = os.path.join(folder, "inbox", "etc_clearing")
        self.expected = Expected()
        self.days = self.confirmed = 0
        self.first, self.again = [], collections.deque()
        for part in SHIPPED:
            shutil.copytree(os.path.join(ROOT, part), os.path.join(folder, part), ignore=others)
        with open(os.path.join(folder, "dukou.toml"), "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(store=home.settings()))
        for name in ("lists", "to_issuer"):
            os.makedirs(os.path.join(self.partner, name))

    # ------------------------------------------------------------------------------ the program

    def environment(self):
        return os.environ | self.home.environment()

    def start(self, *words, before=(), variables=None):
        """The program in a process group of its own, perhaps below another."""
        with open(os.path.join(self.folder, "output.log"), "ab") as log:
            return subprocess.Popen(
                [*before, self.program, *words], cwd=self.folder,
                env=self.environment() | (variables or {}), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )

    def call(self, *words, codes=(0, 1)):
        """Runs the program undisturbed; its JSON answer."""
        done = subprocess.run(
            [self.program, "--json", *words], cwd=self.folder, env=self.environment(),
            capture_output=True, stdin=subprocess.DEVNULL, check=False,
        )
        if done.returncode not in codes:
            shown = (done.stderr or done.stdout).decode(errors="replace")
            raise Broken(f"`dukou {' '.join(words)}` ended with {done.returncode}: {shown}")
        return json.loads(done.stdout)

    # ------------------------------------------------------------------------------ the partner

    def new_day(self):
        """Another day of the clearing centre; its lists are loaded undisturbed."""
        date = FIRST_DAY + datetime.timedelta(days=self.days)
        self.days += 1
        out = os.path.join(self.folder, "given", str(date))
        self.call(
            "simulate", "etc_clearing", "--date", str(date), "--packages", str(self.packages),
            "--records", str(self.records), "--seed", str(self.seed), "--faults", self.faults(),
            "--out", out, codes=(0,),
        )
        self.put(os.path.join(out, "1_lists", "lists"), "lists")
        self.call("run", "etc_clearing/receive_lists")
        first = self.files(os.path.join(out, "3_transactions", "to_issuer"))
        self.chance.shuffle(first)
        self.first += first
        self.again.extend(self.files(os.path.join(out, "4_again", "to_issuer")))

    def faults(self):
        """What a day of this volume has room for."""
        rows = {"data_error": 3, "duplicate": 2, "over_limit": 3, "card_status": 4, "card_blacklist": 3}
        files = {"repeated": 2, "changed": 1, "malformed": 1} if self.packages >= 8 else {}
        faults = files | (rows if self.records >= 40 else {})
        return ",".join(["none", *(f"{name}={count}" for name, count in faults.items())])

    def files(self, folder):
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]

    def put(self, folder, target):
        for path in self.files(folder):
            shutil.copyfile(path, os.path.join(self.partner, target, os.path.basename(path)))

    def feed(self, waiting, store):
        """Gives files until so many wait. A second file of a name comes when the first is done
        with; until then the partner could not know that it must be sent again."""
        lying = len(os.listdir(os.path.join(self.partner, "to_issuer")))
        finished = None
        while lying < waiting:
            lying += 1
            if self.again and self.chance.random() < 0.3:
                if finished is None:
                    finished = self.finished(store)
                if os.path.basename(self.again[0]) in finished:
                    self.give(self.again.popleft())
                    finished.discard(self.expected.given[-1].name)
                    continue
                self.again.rotate()
            if not self.first:
                self.new_day()
            self.give(self.first.pop())

    def feed_rest(self, store):
        """Gives every second file whose first is finished; the others are not given at all."""
        finished = self.finished(store)
        for path in self.again:
            if os.path.basename(path) in finished:
                self.give(path)

    def confirm(self):
        """The centre confirms every accounting answer that it has not confirmed before."""
        self.confirmed += 1
        out = os.path.join(self.folder, "given", f"confirmed-{self.confirmed}")
        self.call("simulate", "confirm", "--from", os.path.join(self.partner, "from_issuer"),
                  "--out", out, codes=(0,))
        given = {file.name for file in self.expected.given}
        for path in self.files(out):
            if os.path.basename(path) not in given:
                self.give(path)

    def finished(self, store):
        sql = (
            "SELECT name FROM ledger_file WHERE path = 'to_issuer' GROUP BY name "
            "HAVING SUM(CASE WHEN finish_state = 'done' THEN 0 ELSE 1 END) = 0"
        )
        lying = set(os.listdir(os.path.join(self.partner, "to_issuer")))
        return {name for (name,) in store.rows(sql)} - lying

    def give(self, path):
        with open(path, "rb") as file:
            data = file.read()
        name = os.path.basename(path)
        self.expected.give(Given(name, data))
        hidden = os.path.join(self.folder, "given", name)
        with open(hidden, "wb") as file:
            file.write(data)
        os.rename(hidden, os.path.join(self.partner, "to_issuer", name))


class Untried(Exception):
    """It cannot be tried here."""


class Broken(Exception):
    """The program did not do what nothing prevented it from doing."""
