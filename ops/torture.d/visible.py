"""Whether readers see a package whole or not at all, at any moment."""

import os
import threading
import time

import wire

# One statement, therefore one moment: what a reader sees of each package.
SEEN = """
WITH k (provider, message, name) AS (VALUES {keys})
SELECT k.provider, k.message,
  (SELECT count(*) FROM etc_package p
    WHERE p.service_provider_id = k.provider AND p.message_id = k.message),
  (SELECT count(*) FROM etc_transaction t
    WHERE t.service_provider_id = k.provider AND t.message_id = k.message),
  (SELECT count(t.decision) FROM etc_transaction t
    WHERE t.service_provider_id = k.provider AND t.message_id = k.message),
  (SELECT count(*) FROM ledger_file f WHERE f.name = k.name AND f.state = 'loaded'),
  (SELECT count(*) FROM ledger_file f JOIN ledger_delivery d ON d.answers_file = f.file_no
    WHERE f.name = k.name AND f.state = 'loaded' AND d.purpose = 'confirmation'),
  (SELECT count(*) FROM etc_accounting a
    WHERE a.service_provider_id = k.provider AND a.message_id = k.message),
  (SELECT a.disputed_count FROM etc_accounting a
    WHERE a.service_provider_id = k.provider AND a.message_id = k.message),
  (SELECT count(*) FROM etc_accounting_dispute x
    WHERE x.service_provider_id = k.provider AND x.message_id = k.message),
  (SELECT count(*) FROM ledger_file f JOIN ledger_delivery d ON d.answers_file = f.file_no
    WHERE f.name = k.name AND f.state = 'loaded' AND d.purpose = 'business_answer')
FROM k
"""


class Eye:
    """Looks again and again; remembers what was seen whole, because that must stay."""

    def __init__(self, expected, folder):
        self.expected = expected
        self.folder = folder
        self.loaded = set()
        self.done = set()
        self.delivered = {}
        self.looks = 0
        self.findings = []

    def look(self, store, everything=False):
        """One look at the tables."""
        keys = [key for key in list(self.expected.accepted) if everything or key not in self.done]
        if keys:
            names = {key: self.expected.accepted[key].name for key in keys}
            values = ", ".join(
                f"('{provider}', CAST({message} AS BIGINT), '{names[provider, message]}')"
                for provider, message in keys
            )
            for row in store.rows(SEEN.format(keys=values)):
                self.judge((row[0], int(row[1])), [int(cell or 0) for cell in row[2:]])
        self.looks += 1

    def judge(self, key, seen):
        package, rows, decided, file, confirmed, answered, disputed, disputes, answer = seen
        whole = len(self.expected.accepted[key].package.rows)
        at_once = [
            (rows in (0, whole), f"{rows} of {whole} rows"),
            (package == (rows > 0), f"{package} package rows beside {rows} transactions"),
            (file == (rows > 0), f"{file} loaded files beside {rows} transactions"),
            (confirmed == file, f"{confirmed} confirmations beside {file} loaded files"),
            (answer == answered, f"{answer} answer deliveries beside {answered} answers"),
            (disputes == disputed, f"{disputes} dispute rows where the answer counts {disputed}"),
            (decided == disputed, f"{decided} decided rows where the answer counts {disputed}"),
            (rows or not answered, "an answer without transactions"),
            (rows or key not in self.loaded, "it was loaded and is gone"),
            (answered or key not in self.done, "it was answered and the answer is gone"),
        ]
        for is_so, text in at_once:
            if not is_so:
                self.findings.append(("half_visible", f"package {key}: {text}"))
        if rows == whole:
            self.loaded.add(key)
            if answered:
                self.done.add(key)

    def look_at_partner(self):
        """Under a final name there are whole files only, and they never change."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return
        for name in names:
            if name in self.delivered or name.startswith("."):
                continue
            with open(os.path.join(self.folder, name), "rb") as file:
                self.delivered[name] = file.read()
            try:
                wire.answer(self.delivered[name])
            except wire.Malformed as error:
                self.findings.append(("half_visible", f"`{name}` was seen unfinished: {error}"))


class Watch(threading.Thread):
    """An eye that is open while processes run."""

    def __init__(self, eye, home, pause=0.01):
        super().__init__(daemon=True)
        self.eye, self.home, self.pause = eye, home, pause
        self.is_over = threading.Event()
        self.error = None

    def run(self):
        try:
            store = self.home.open()
            while not self.is_over.is_set():
                self.eye.look(store)
                self.eye.look_at_partner()
                time.sleep(self.pause)
            store.close()
        except Exception as error:  # a watch that fails must not look like one that saw nothing
            self.error = error

    def end(self):
        self.is_over.set()
        self.join()
        if self.error:
            raise self.error
