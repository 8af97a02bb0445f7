"""Kills at the named steps of the books: messages of our own, reconciliations, matchings, reports.

Two days are loaded undisturbed, one of the clearing centre and one of a bank. Then everything that
may be done again is done again and killed on the way. What a version says must be what the
undisturbed one said; versions have no gaps; a report's folder holds what its row says; and what is
missing is asked for once.
"""

import contextlib
import datetime
import hashlib
import json
import os
import shutil

from arena import FIRST_DAY, ROOT
from stopping import BOOKS, Stopping, area

BENCH = """
[connection.bench.dir]
path = "inbox/bench"
"""

DAY = str(FIRST_DAY)
VERSIONS = {"reconcile": "etc_clearing/clearing_day", "match": "bench/match_day"}
REPORT = "etc_clearing/clearing_report"
REQUEST = "etc_clearing/request_missing"
RECEIVE = "etc_clearing/receive_messages"

# What a version of a reconciliation consists of. What a newer version closes is no part of it.
VERSION = "SELECT agrees, summary FROM ledger_reconciliation WHERE recon_no = {}"
PARTS = (
    "SELECT ordinal, name, count, amount, detail FROM ledger_recon_component WHERE recon_no = {} "
    "ORDER BY ordinal",
    "SELECT break_no, kind, funds_effect, reason, amount, count, object, first_seen FROM ledger_break "
    "WHERE recon_no = {} ORDER BY break_no",
    "SELECT match_no, ordinal, pass, side, object, amount FROM ledger_match WHERE recon_no = {} "
    "ORDER BY match_no, ordinal",
)


class Booking(Stopping):
    """Each step of the books so many times."""

    def __init__(self, arena, times, only=None):
        super().__init__(arena, times, only)
        self.steps = [step for step in self.every if area(step) in BOOKS and only in (None, step)]
        for part in ("jobs", "mappings"):
            source = os.path.join(ROOT, "fixtures", "bench", part)
            shutil.copytree(source, os.path.join(arena.folder, part), dirs_exist_ok=True)
        with open(os.path.join(arena.folder, "dukou.toml"), "a", encoding="utf-8") as file:
            file.write(BENCH)
        self.reports = os.path.join(arena.folder, "var", "reports", REPORT, DAY)

    def run(self):
        if not self.steps:
            return []
        if self.arena.home.name == "postgres":
            self.arena.call("store", "migrate", codes=(0,))
        self.clearing_day()
        self.bank_day()
        for job in (*VERSIONS.values(), REPORT):
            self.arena.call("run", job, "--business-date", DAY)
        with contextlib.closing(self.arena.home.open()) as store:
            self.first = {job: self.said(store, job)[-1] for job in VERSIONS.values()}
        for step in self.steps:
            for turn in range(self.times):
                self.stop(step, turn)
        return self.findings

    def clearing_day(self):
        """Another day of the clearing centre with a package that never arrives."""
        date = str(FIRST_DAY + datetime.timedelta(days=self.arena.days))
        self.arena.days += 1
        out = os.path.join(self.arena.folder, "given", date)
        self.arena.call(
            "simulate", "etc_clearing", "--date", date, "--packages", "4", "--records", "20",
            "--seed", str(self.arena.seed), "--faults", "none,missing=1", "--out", out, codes=(0,),
        )
        self.arena.put(os.path.join(out, "1_lists", "lists"), "lists")
        self.arena.call("run", "etc_clearing/receive_lists")
        for wave in ("3_transactions", "5_results"):
            self.arena.put(os.path.join(out, wave, "to_issuer"), "to_issuer")
            self.arena.call("run", RECEIVE)

    def bank_day(self):
        folder = os.path.join(self.arena.folder, "inbox", "bench", "in")
        self.arena.call(
            "simulate", "delimited", "--rows", "300", "--seed", str(self.arena.seed), "--date", DAY,
            "--out", folder, "--bank", "--missing", "5", "--extra", "3", "--differing", "2",
            codes=(0,),
        )
        for job in ("bench/load_recharges", "bench/load_bank"):
            self.arena.call("run", job, codes=(0,))

    # --------------------------------------------------------------------------- the same again

    def works(self):
        return {
            "push": self.requesting, "report": lambda: ["run", REPORT, "--business-date", DAY],
            **{kind: lambda job=job: ["run", job, "--business-date", DAY]
               for kind, job in VERSIONS.items()},
        }

    def requesting(self):
        self.clearing_day()
        return ["run", REQUEST]

    def killed(self, process):
        code = process.wait()
        if code not in (0, 1, -9):
            self.failures.append(f"a run that was to die ended with {code}: see output.log")
        self.look("beside a run that was killed", is_over=False)
        return code == -9

    def kill_at(self, step, turn, work):
        # None of these steps comes twice in a run.
        return super().kill_at(step, 0, work)

    def restart(self, when):
        self.make_leftovers_old()
        for job in (*VERSIONS.values(), REPORT):
            self.arena.call("run", job, "--business-date", DAY)
        self.arena.call("run", REQUEST)
        self.look(when, is_over=True)

    # --------------------------------------------------------------------------------- the look

    def look(self, when, is_over):
        with contextlib.closing(self.arena.home.look()) as store:
            found = [*self.versions(store), *self.report_folders(store, is_over)]
            if is_over:
                found += self.requests(store)
        self.findings += [(kind, f"{when}: {text}") for kind, text in found]

    def said(self, store, job):
        """Every version of a job: number and parts."""
        sql = ("SELECT recon_no, version FROM ledger_reconciliation "
               f"WHERE name = '{job}' AND business_date = {self.day(store)} ORDER BY version")
        found = []
        for number, version in store.rows(sql):
            (agrees, summary), = store.rows(VERSION.format(number))
            # The day of the run is no figure: midnight may come.
            figures = {key: value for key, value in json.loads(summary).items() if key != "as_of"}
            parts = [store.rows(part.format(number)) for part in PARTS]
            found.append((int(version), [agrees, figures, *parts]))
        return found

    def day(self, store):
        return f"DATE '{DAY}'" if self.arena.home.name == "postgres" else f"'{DAY}'"

    def versions(self, store):
        for job, (since, first) in self.first.items():
            found = self.said(store, job)
            numbers = [number for number, _ in found]
            if numbers != list(range(1, len(numbers) + 1)):
                yield "lost", f"the versions of `{job}` are {numbers}"
            for number, parts in found:
                # Earlier ones were written while the day was still being loaded.
                if number > since and parts != first:
                    yield "altered", f"version {number} of `{job}` is not what version {since} is"
        sql = ("SELECT r.name, r.version, count(*) FROM ledger_break b JOIN ledger_reconciliation r "
               "ON r.recon_no = b.recon_no WHERE b.state = 'open' AND EXISTS (SELECT 1 FROM "
               "ledger_reconciliation n WHERE n.name = r.name AND n.business_date = r.business_date "
               "AND n.version > r.version) GROUP BY r.name, r.version")
        for name, version, count in store.rows(sql):
            yield "duplicated", f"version {version} of `{name}` is not the last and has {count} open breaks"

    def report_folders(self, store, is_over):
        rows = store.rows(f"SELECT version, files FROM ledger_report WHERE name = '{REPORT}' "
                          "ORDER BY version")
        numbers = [int(version) for version, _ in rows]
        if numbers != list(range(1, len(numbers) + 1)):
            yield "lost", f"the versions of the report are {numbers}"
        for version, files in rows:
            for file in json.loads(files):
                path = os.path.join(self.reports, f"v{version}", file["name"])
                if not os.path.exists(path):
                    yield "lost", f"`{path}` is in the books and not on the disk"
                    continue
                with open(path, "rb") as content:
                    if hashlib.sha256(content.read()).hexdigest() != file["digest"]:
                        yield "altered", f"`{path}` is not what its row says"
        if is_over:
            booked = {f"v{number}" for number in numbers}
            for name in sorted(set(os.listdir(self.reports)) - booked):
                # A folder that a crash left without its row is set aside and never deleted.
                if ".unrecorded-" not in name:
                    yield "left_over", f"`{name}` lies among the versions of the report"

    def requests(self, store):
        """Each missing package is asked for once, by a message that was sent."""
        missing = store.rows(
            "SELECT c.service_provider_id, c.message_id, (SELECT count(*) FROM "
            "etc_resend_request_package r WHERE r.service_provider_id = c.service_provider_id "
            "AND r.message_id = c.message_id) FROM etc_clearing_package c WHERE NOT EXISTS "
            "(SELECT 1 FROM etc_package p WHERE p.service_provider_id = c.service_provider_id "
            "AND p.message_id = c.message_id)"
        )
        for provider, message, count in missing:
            if count != "1":
                yield ("lost" if count == "0" else "duplicated",
                       f"package ({provider}, {message}) is missing and asked for {count} times")
        requests = store.rows("SELECT request_id FROM etc_resend_request")
        sent = store.rows("SELECT name, digest FROM ledger_delivery WHERE purpose = 'request' "
                          "AND state IN ('sent', 'acknowledged')")
        wanted = sorted(f"{int(number):020}.xml.lz77" for (number,) in requests)
        if wanted != sorted(name for name, _ in sent):
            yield "answer", f"the requests {wanted} and the deliveries sent {sent} are not the same"
        for name, digest in sent:
            path = os.path.join(self.arena.partner, "from_issuer", name)
            if not os.path.exists(path):
                yield "lost", f"`{name}` is sent and not in the partner's folder"
                continue
            with open(path, "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != digest:
                    yield "altered", f"`{name}` has other bytes than the ledger says"
