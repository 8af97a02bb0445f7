"""The last look: the given files, the partner's directories and the tables against each other.

It knows nothing of the program but its tables. Every finding is a pair: what kind of wrong, and a
sentence that says where.
"""

import collections
import datetime
import hashlib
import os

import wire

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


class Checker:
    """Collects everything that is wrong."""

    def __init__(self, folder, store, expected):
        self.partner = os.path.join(folder, "inbox", "etc_clearing")
        self.archive = os.path.join(folder, "var", "archive")
        self.outbox = os.path.join(folder, "outbox")
        self.store = store
        self.expected = expected
        self.findings = []

    def wrong(self, kind, text):
        self.findings.append((kind, text))

    def check(self):
        """All findings; none when nothing is lost, doubled, halved or left over."""
        for finding in self.store.damage():
            self.wrong("damaged", f"the database is damaged: {finding}")
        self.packages()
        self.transactions()
        self.answers()
        self.sources()
        self.books()
        self.acknowledgements()
        self.leftovers()
        return self.findings

    # ------------------------------------------------------------------------------- the rows

    def packages(self):
        sql = (
            "SELECT service_provider_id, message_id, clear_target_date, issuer_id, record_count, "
            "amount, lineage_file FROM etc_package"
        )
        found = collections.defaultdict(list)
        for provider, message, *rest in self.store.rows(sql):
            found[provider, int(message)].append(rest)
        for key, file in self.expected.accepted.items():
            package, rows = file.package, found.pop(key, [])
            self.once(len(rows), f"package {key}")
            wanted = [package.day, package.issuer, str(package.count), str(package.amount)]
            for row in rows:
                if row[:4] != wanted:
                    self.wrong("altered", f"package {key} is {row[:4]} and not {wanted}")
        for key in found:
            self.wrong("invented", f"package {key} was never given")

    def once(self, count, what):
        if count == 0:
            self.wrong("lost", f"{what} is not in the store")
        if count > 1:
            self.wrong("duplicated", f"{what} is {count} times in the store")

    def transactions(self):
        columns = [*wire.SHARED, *wire.MONEY]
        time = self.store.micros("transaction_time")
        sql = (
            "SELECT service_provider_id, message_id, trans_id, clear_target_date, fee, data_error, "
            f"decision, {time}, {', '.join(columns)} FROM etc_transaction"
        )
        found = collections.defaultdict(lambda: collections.defaultdict(list))
        for provider, message, trans, day, fee, error, decision, micros, *rest in self.store.rows(sql):
            row = dict(zip(columns, rest)) | {
                "day": day, "fee": int(fee), "error": error, "micros": micros,
                "decision": None if decision is None else int(decision),
            }
            found[provider, int(message)][int(trans)].append(row)
        self.decisions = {}
        for key, file in self.expected.accepted.items():
            self.package_rows(key, file.package, found.pop(key, {}))
        for key, rows in found.items():
            self.wrong("invented", f"package {key} was never given and has {len(rows)} rows")

    def package_rows(self, key, package, found):
        lost = [trans for trans in package.rows if trans not in found]
        if 0 < len(lost) < len(package.rows):
            self.wrong("half_visible", f"package {key} has {len(found)} of {package.count} rows")
        for trans in lost:
            self.wrong("lost", f"package {key}, row {trans} is not in the store")
        decisions = self.decisions[key] = {}
        for trans, rows in found.items():
            if len(rows) > 1:
                self.wrong("duplicated", f"package {key}, row {trans} is there {len(rows)} times")
            if trans not in package.rows:
                self.wrong("invented", f"package {key}, row {trans} was never given")
                continue
            decisions[trans] = (rows[0]["fee"], rows[0]["decision"])
            self.compare(key, trans, package, rows[0])
        fees = sum(row["fee"] for rows in found.values() for row in rows)
        if fees != package.amount:
            self.wrong("altered", f"package {key} sums up to {fees} and not {package.amount}")

    def compare(self, key, trans, package, row):
        given = package.rows[trans]
        wanted = {"fee": given["fee"], "day": package.day}
        # The program says which row it could not read whole; its key and its fee must be right.
        if row["error"] is None:
            moment = datetime.datetime.fromisoformat(given["time"]).replace(tzinfo=SHANGHAI)
            wanted["micros"] = str(int(moment.timestamp()) * 1_000_000)
            wanted |= {name: given[name] for name in wire.SHARED}
            wanted |= {name: str(wire.fen(given[name])) for name in wire.MONEY}
        for name, value in wanted.items():
            if row[name] != value:
                self.wrong(
                    "altered", f"package {key}, row {trans}: {name} is `{row[name]}`, not `{value}`"
                )

    # ---------------------------------------------------------------------------- the answers

    def answers(self):
        folder = os.path.join(self.partner, "from_issuer")
        numbers, confirmed, accounted = [], collections.defaultdict(list), collections.defaultdict(list)
        self.delivered = {}
        for name in sorted(os.listdir(folder) if os.path.isdir(folder) else []):
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            if name.endswith(".part"):
                self.wrong("left_over", f"`{name}` lies in the partner's folder")
                continue
            self.delivered[name] = hashlib.sha256(data).hexdigest()
            try:
                answer = wire.answer(data)
            except wire.Malformed as error:
                self.wrong("half_visible", f"`{name}` cannot be read: {error}")
                continue
            numbers.append(answer.number)
            if name != f"{answer.number:020}.xml.lz77":
                self.wrong("answer", f"`{name}` has the number {answer.number} inside")
            if isinstance(answer, wire.Confirmation):
                confirmed[answer.of].append(answer)
            else:
                accounted[answer.key].append(answer)
        self.numbers(numbers)
        self.confirmations(confirmed)
        self.accountings(accounted)

    def numbers(self, numbers):
        for number, count in collections.Counter(numbers).items():
            if count > 1:
                self.wrong("answer", f"message number {number} was used {count} times")
        for number in sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers)):
            self.wrong("answer", f"message number {number} was left out")

    def confirmations(self, found):
        senders = {file.message: file.package for file in self.expected.given if file.package}
        for message, wanted in self.expected.results.items():
            answers = found.pop(message, [])
            results = collections.Counter(answer.result for answer in answers)
            if results != wanted:
                self.wrong(
                    "answer",
                    f"message {message} is confirmed with {dict(results)} and not {dict(wanted)} "
                    "(result: how often)",
                )
            package = senders.get(message)
            if package is None:
                continue
            for answer in answers:
                self.confirmation(answer, package)
        for message, answers in found.items():
            self.wrong("answer", f"message {message}, never given, has {len(answers)} confirmations")

    def confirmation(self, answer, package):
        if answer.result in (1, 5) and answer.day != package.day.replace("-", ""):
            self.wrong("answer", f"confirmation {answer.number} has the day {answer.day}")
        if answer.result not in (1, 5) and answer.day != "00000000":
            self.wrong("answer", f"confirmation {answer.number} of a refusal has {answer.day}")
        # A message that could not be read whole may be answered to another participant.
        if answer.result != 3 and answer.receiver != package.sender:
            self.wrong("answer", f"confirmation {answer.number} went to {answer.receiver}")

    def accountings(self, found):
        sql = (
            "SELECT service_provider_id, message_id, accounting_id, record_count, amount, "
            "disputed_count FROM etc_accounting"
        )
        table = collections.defaultdict(list)
        for provider, message, *rest in self.store.rows(sql):
            table[provider, int(message)].append([int(cell) for cell in rest])
        sql = "SELECT service_provider_id, message_id, trans_id, reason, fee FROM etc_accounting_dispute"
        disputes = collections.defaultdict(dict)
        for provider, message, trans, reason, fee in self.store.rows(sql):
            disputes[provider, int(message)][int(trans)] = (int(fee), int(reason))
        for key, file in self.expected.accepted.items():
            answers = found.pop(key, [])
            if len(answers) != 1:
                self.wrong("answer", f"package {key} has {len(answers)} accounting answers, not 1")
            for answer in answers:
                self.accounting(answer, file.package, table.pop(key, []), disputes.pop(key, {}))
        for key in [*found, *table, *disputes]:
            self.wrong("answer", f"package {key} is accounted for and was never accepted")

    def accounting(self, answer, package, table, disputes):
        rows = self.decisions.get(answer.key, {})
        disputed = {trans: reason for trans, (_, reason) in rows.items() if reason is not None}
        accepted = sum(fee for fee, reason in rows.values() if reason is None)
        facts = {
            "count": (answer.count, len(package.rows)),
            "amount": (answer.amount, accepted),
            "disputed count": (answer.disputed_count, len(disputed)),
            "disputed rows": (answer.disputed, disputed),
            "dispute table": (
                disputes,
                {trans: (package.rows[trans]["fee"], reason) for trans, reason in disputed.items()},
            ),
            "accounting table": (
                table, [[answer.number, answer.count, answer.amount, answer.disputed_count]],
            ),
            "issuer": (answer.issuer, package.issuer),
        }
        for name, (is_so, wanted) in facts.items():
            if is_so != wanted:
                self.wrong("answer", f"accounting of {answer.key}: {name} is {is_so}, not {wanted}")

    # ------------------------------------------------------------------- the partner's folders

    def sources(self):
        done = collections.Counter()
        folder = os.path.join(self.partner, "to_issuer_done")
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), "rb") as file:
                done[name[:29], hashlib.sha256(file.read()).hexdigest()] += 1
        wanted = collections.Counter((file.name, file.digest) for file in self.expected.given)
        for name, _ in (wanted - done).elements():
            self.wrong("lost", f"`{name}` was given and is not among the partner's done files")
        for name, _ in (done - wanted).elements():
            self.wrong("duplicated", f"`{name}` is once too often among the partner's done files")
        folder = os.path.join(self.partner, "to_issuer")
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            self.wrong("left_over", f"`{name}` was not moved away")
        kept = set()
        for path in files_below(self.archive):
            with open(path, "rb") as file:
                kept.add(hashlib.sha256(file.read()).hexdigest())
        for file in self.expected.given:
            if file.digest not in kept:
                self.wrong("lost", f"the bytes of `{file.name}` are not in the archive")

    # ------------------------------------------------------------------------------ the ledger

    def books(self):
        files = self.store.rows(
            "SELECT name, landed_digest FROM ledger_file WHERE path = 'to_issuer'"
        )
        wanted = collections.Counter((file.name, file.digest) for file in self.expected.given)
        booked = collections.Counter(files)
        for name, _ in (wanted - booked).elements():
            self.wrong("lost", f"`{name}` was given and is not in the ledger")
        for name, _ in (booked - wanted).elements():
            self.wrong("duplicated", f"`{name}` is once too often in the ledger")
        unended = {
            "claim held": "SELECT path, name, holder FROM ledger_claim WHERE released_at IS NULL",
            "run without end": "SELECT run_no, node FROM ledger_run WHERE state = 'running'",
            "file undecided": "SELECT file_no, name FROM ledger_file WHERE state = 'landed'",
            "file unanswered": "SELECT file_no, name FROM ledger_file WHERE answer_state = 'pending'",
            "file unfinished": "SELECT file_no, name FROM ledger_file WHERE finish_state = 'pending'",
            "delivery unsent": "SELECT delivery_no, name, state FROM ledger_delivery "
            "WHERE state IN ('composed', 'staged')",
        }
        for what, sql in unended.items():
            for row in self.store.rows(sql):
                self.wrong("left_over", f"{what}: {', '.join(map(str, row))}")
        sql = "SELECT name, digest FROM ledger_delivery WHERE path = 'from_issuer'"
        booked = self.store.rows(sql)
        for name, count in collections.Counter(name for name, _ in booked).items():
            if count > 1:
                self.wrong("duplicated", f"{count} deliveries have the name `{name}`")
        booked = dict(booked)
        for name in sorted(booked.keys() ^ self.delivered.keys()):
            where = "only in the ledger" if name in booked else "only in the partner's folder"
            self.wrong("answer", f"delivery `{name}` is {where}")
        for name in booked.keys() & self.delivered.keys():
            if booked[name] != self.delivered[name]:
                self.wrong("altered", f"`{name}` has other bytes than the ledger says")

    def acknowledgements(self):
        """What the centre confirmed is acknowledged, and nothing else."""
        wanted = {f"{number:020}.xml.lz77" for number in self.expected.acknowledged}
        sql = "SELECT name FROM ledger_delivery WHERE state = 'acknowledged'"
        booked = {name for (name,) in self.store.rows(sql)}
        for name in sorted(wanted - booked):
            self.wrong("lost", f"the acknowledgement of `{name}` is not in the books")
        for name in sorted(booked - wanted):
            self.wrong("invented", f"`{name}` is acknowledged, and nobody confirmed it")

    def leftovers(self):
        for path in [*files_below(self.outbox), *files_below(self.archive)]:
            if path.endswith(".part") or path.startswith(self.outbox + os.sep):
                self.wrong("left_over", f"`{path}` is left over")


def files_below(folder):
    """Every file below a folder."""
    for here, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(here, name)
