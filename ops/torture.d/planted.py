"""Does the checker see what it must see? A small sound world, one defect planted at a time.

`ops/torture selftest` runs these. The world is made by hand: files packed by the few lines below,
tables filled from the same numbers, so that no program stands between the defect and the checker.
"""

import hashlib
import os
import shutil
import sqlite3
import tempfile
import unittest

from checker import Checker
from expected import Expected, Given
from store import SqliteHome
from visible import Eye
import wire

ISSUER, CENTRE = "000000000000003D", "00000000000000A1"
DAY = "2026-03-09"
# Microseconds of 2026-03-09 08:30:00 in Shanghai.
MOMENT = 1773016200000000

TABLES = """
CREATE TABLE etc_package (service_provider_id, message_id, clear_target_date, issuer_id,
  record_count, amount, lineage_file);
CREATE TABLE etc_transaction (service_provider_id, message_id, trans_id, clear_target_date, fee,
  data_error, decision, transaction_time, card_net, card_id, card_license, tac, trans_type,
  terminal_no, terminal_trans_no, service_detail, pre_balance, post_balance);
CREATE TABLE etc_accounting (service_provider_id, message_id, accounting_id, record_count, amount,
  disputed_count);
CREATE TABLE etc_accounting_dispute (service_provider_id, message_id, trans_id, reason, fee);
CREATE TABLE ledger_file (file_no, path, name, landed_digest, state, answer_state, finish_state);
CREATE TABLE ledger_claim (path, name, holder, released_at);
CREATE TABLE ledger_run (run_no, node, state);
CREATE TABLE ledger_delivery (delivery_no, path, name, digest, state, purpose, answers_file);
"""


def pack(text):
    """Content in the centre's container, stored raw."""
    data = text.encode()
    length = len(data).to_bytes(2, "big")
    return length + length + data


def message(kind, number, body, receiver=CENTRE, sender=ISSUER):
    head, of, content = kind
    return pack(
        f"<Message><Header><MessageClass>{head}</MessageClass><MessageType>{of}</MessageType>"
        f"<SenderId>{sender}</SenderId><ReceiverId>{receiver}</ReceiverId>"
        f"<MessageId>{number}</MessageId></Header><Body ContentType='{content}'>{body}</Body></Message>"
    )


def package(number, fees, count=None):
    rows = "".join(
        f"<Transaction><TransId>{trans}</TransId><Time>{DAY}T08:30:00</Time><Fee>{fee}</Fee>"
        "<Service><Detail>1|04</Detail></Service><ICCard><NetNo>6101</NetNo><CardId>1</CardId>"
        "<License>A</License><PreBalance>9.00</PreBalance><PostBalance>8.00</PostBalance></ICCard>"
        "<Validation><TAC>0A</TAC><TransType>09</TransType><TerminalNo>5</TerminalNo>"
        "<TerminalTransNo>7</TerminalTransNo></Validation></Transaction>"
        for trans, fee in enumerate(fees, 1)
    )
    total = sum(wire.fen(fee) for fee in fees)
    return message(
        (5, 7, 1), number,
        f"<ClearTargetDate>{DAY}</ClearTargetDate><ServiceProviderId>{CENTRE}</ServiceProviderId>"
        f"<IssuerId>{ISSUER}</IssuerId><MessageId>{number}</MessageId>"
        f"<Count>{count or len(fees)}</Count><Amount>{total // 100}.{total % 100:02}</Amount>{rows}",
        receiver=ISSUER, sender=CENTRE,
    )


def confirmation(number, of, result, day=DAY.replace("-", "")):
    return message(
        (6, 7, 1), number,
        f"<MessageId>{of}</MessageId><ClearTargetDate>{day}</ClearTargetDate>"
        f"<Result>{result}</Result>",
    )


def accounting(number, of, count, amount, disputed):
    records = "".join(
        f"<DisputedRecord><TransId>{trans}</TransId><Result>{reason}</Result></DisputedRecord>"
        for trans, reason in disputed.items()
    )
    return message(
        (5, 5, 1), number,
        f"<ServiceProviderId>{CENTRE}</ServiceProviderId><IssuerId>{ISSUER}</IssuerId>"
        f"<MessageId>{of}</MessageId><Count>{count}</Count><Amount>{amount}</Amount>"
        f"<DisputedCount>{len(disputed)}</DisputedCount>{records}",
    )


class World:
    """Package 11 with three rows, the second disputed; the same again; package 12 miscounted."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dukou-planted-")
        self.partner = os.path.join(self.folder, "inbox", "etc_clearing")
        self.expected = Expected()
        os.makedirs(os.path.join(self.folder, "var"))
        self.home = SqliteHome(self.folder)
        self.link = sqlite3.connect(self.home.path)
        self.link.executescript(TABLES)
        good, bad = package(11, ["1.00", "20.00", "3.00"]), package(12, ["4.00"], count=2)
        for name, data in [("11", good), ("11", good), ("12", bad)]:
            self.file(name, data)
        self.add("etc_package", CENTRE, 11, DAY, ISSUER, 3, 2400, 1)
        for trans, fee, decision in [(1, 100, None), (2, 2000, 9), (3, 300, None)]:
            self.add(
                "etc_transaction", CENTRE, 11, trans, DAY, fee, None, decision, MOMENT, "6101", "1",
                "A", "0A", "09", "5", "7", "1|04", 900, 800,
            )
        self.add("etc_accounting", CENTRE, 11, 2, 3, 400, 1)
        self.add("etc_accounting_dispute", CENTRE, 11, 2, 9, 2000)
        self.deliver(1, 1, "confirmation", confirmation(1, 11, 1))
        self.deliver(2, 1, "business_answer", accounting(2, 11, 3, "4.00", {2: 9}))
        self.deliver(3, 2, "confirmation", confirmation(3, 11, 5))
        self.deliver(4, 3, "confirmation", confirmation(4, 12, 4, day="00000000"))
        self.add("ledger_claim", "to_issuer", "x", "me", 1)
        self.add("ledger_run", 1, "me", "done")

    def add(self, table, *values):
        marks = ", ".join("?" * len(values))
        self.link.execute(f"INSERT INTO {table} VALUES ({marks})", values)
        self.link.commit()

    def do(self, sql):
        changed = self.link.execute(sql).rowcount
        self.link.commit()
        assert changed, f"nothing planted by {sql}"

    def path(self, *parts):
        path = os.path.join(self.folder, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, data, *parts):
        with open(self.path(*parts), "wb") as file:
            file.write(data)

    def file(self, number, data):
        name = f"{number:0>20}.xml.lz77"
        given = Given(name, data)
        taken = sum(one.name == name for one in self.expected.given)
        self.expected.give(given)
        done = name + (f".{taken}" if taken else "")
        self.write(data, "inbox", "etc_clearing", "to_issuer_done", done)
        self.write(data, "var", "archive", given.digest)
        number = len(self.expected.given)
        state = {1: "loaded", 2: "duplicate", 3: "held"}[number]
        self.add("ledger_file", number, "to_issuer", name, given.digest, state, "none", "done")

    def deliver(self, number, file, purpose, data):
        name = f"{number:020}.xml.lz77"
        self.write(data, "inbox", "etc_clearing", "from_issuer", name)
        digest = hashlib.sha256(data).hexdigest()
        self.add("ledger_delivery", number, "from_issuer", name, digest, "sent", purpose, file)

    def delivered(self, number):
        return self.path("inbox", "etc_clearing", "from_issuer", f"{number:020}.xml.lz77")

    def replace(self, number, data):
        """Other bytes, at the partner's and in the books."""
        with open(self.delivered(number), "wb") as file:
            file.write(data)
        digest = hashlib.sha256(data).hexdigest()
        self.do(f"UPDATE ledger_delivery SET digest = '{digest}' WHERE delivery_no = {number}")

    def found(self):
        store = self.home.open()
        eye = Eye(self.expected, os.path.join(self.partner, "from_issuer"))
        eye.look(store)
        eye.look_at_partner()
        found = eye.findings + Checker(self.folder, store, self.expected).check()
        store.close()
        return found

    def end(self):
        self.link.close()
        shutil.rmtree(self.folder)


# Each defect, how it is planted, the kind under which it must be found, and words of the finding.
DEFECTS = {
    "a_lost_row": (
        lambda w: w.do("DELETE FROM etc_transaction WHERE trans_id = 3"), "lost", "row 3 is not in",
    ),
    "a_half_visible_package": (
        lambda w: w.do("DELETE FROM etc_transaction WHERE trans_id = 3"), "half_visible", "2 of 3 rows",
    ),
    "a_lost_package": (
        lambda w: (w.do("DELETE FROM etc_transaction"), w.do("DELETE FROM etc_package")), "lost",
        "package ('00000000000000A1', 11) is not in the store",
    ),
    "a_row_that_is_there_twice": (
        lambda w: w.do("INSERT INTO etc_transaction SELECT * FROM etc_transaction WHERE trans_id = 1"),
        "duplicated", "row 1 is there 2 times",
    ),
    "a_package_that_is_there_twice": (
        lambda w: w.do("INSERT INTO etc_package SELECT * FROM etc_package"), "duplicated",
        "is 2 times in the store",
    ),
    "a_package_that_nobody_gave": (
        lambda w: w.add("etc_package", CENTRE, 99, DAY, ISSUER, 1, 1, 9), "invented", "99",
    ),
    "a_fee_that_changed": (
        lambda w: w.do("UPDATE etc_transaction SET fee = 101 WHERE trans_id = 1"), "altered",
        "fee is `101`, not `100`",
    ),
    "a_time_that_changed": (
        lambda w: w.do("UPDATE etc_transaction SET transaction_time = 1 WHERE trans_id = 1"), "altered",
        "micros is `1`",
    ),
    "a_terminal_that_changed": (
        lambda w: w.do("UPDATE etc_transaction SET terminal_no = '6' WHERE trans_id = 3"), "altered",
        "terminal_no is `6`, not `5`",
    ),
    "rows_without_a_loaded_file": (
        lambda w: w.do("UPDATE ledger_file SET state = 'landed' WHERE file_no = 1"), "half_visible",
        "0 loaded files beside 3 transactions",
    ),
    "an_answer_composed_by_halves": (
        lambda w: w.do("DELETE FROM etc_accounting_dispute"), "half_visible",
        "0 dispute rows where the answer counts 1",
    ),
    "a_missing_confirmation": (
        lambda w: os.remove(w.delivered(3)), "answer",
        "message 11 is confirmed with {1: 1} and not {1: 1, 5: 1}",
    ),
    "a_hole_in_the_numbers": (
        lambda w: os.remove(w.delivered(3)), "answer", "message number 3 was left out",
    ),
    "a_number_used_twice": (
        lambda w: w.replace(3, confirmation(1, 11, 5)), "answer", "message number 1 was used 2 times",
    ),
    "a_second_accounting_answer": (
        lambda w: w.deliver(5, 1, "x", accounting(5, 11, 3, "4.00", {2: 9})), "answer",
        "has 2 accounting answers, not 1",
    ),
    "a_missing_accounting_answer": (
        lambda w: os.remove(w.delivered(2)), "answer", "has 0 accounting answers, not 1",
    ),
    "an_amount_that_includes_disputed_rows": (
        lambda w: w.replace(2, accounting(2, 11, 3, "24.00", {2: 9})), "answer",
        "amount is 2400, not 400",
    ),
    "a_disputed_row_that_is_not_named": (
        lambda w: w.replace(2, accounting(2, 11, 3, "4.00", {})), "answer",
        "disputed rows is {}, not {2: 9}",
    ),
    "a_wrong_result_code": (
        lambda w: w.replace(4, confirmation(4, 12, 3, day="00000000")), "answer",
        "confirmed with {3: 1} and not {4: 1}",
    ),
    "half_a_file_under_its_final_name": (
        lambda w: w.replace(2, accounting(2, 11, 3, "4.00", {2: 9})[:-30]), "half_visible",
        "cannot be read: a block is cut off",
    ),
    "other_bytes_than_the_ledger_says": (
        lambda w: w.write(
            accounting(2, 11, 3, "4.00", {2: 9}) + pack(" "), "inbox", "etc_clearing", "from_issuer",
            f"{2:020}.xml.lz77",
        ), "altered", "has other bytes than the ledger says",
    ),
    "a_temporary_file_at_the_partner": (
        lambda w: w.write(b"", "inbox", "etc_clearing", "from_issuer", ".x.1-1.part"), "left_over",
        "lies in the partner's folder",
    ),
    "a_source_that_was_not_moved": (
        lambda w: w.write(b"", "inbox", "etc_clearing", "to_issuer", "x"), "left_over", "not moved away",
    ),
    "a_source_that_is_gone": (
        lambda w: os.remove(
            w.path("inbox", "etc_clearing", "to_issuer_done", f"{11:020}.xml.lz77.1")
        ), "lost", "is not among the partner's done files",
    ),
    "bytes_that_are_not_archived": (
        lambda w: os.remove(w.path("var", "archive", w.expected.given[2].digest)), "lost",
        "not in the archive",
    ),
    "a_file_that_is_not_in_the_ledger": (
        lambda w: w.do("DELETE FROM ledger_file WHERE file_no = 3"), "lost", "is not in the ledger",
    ),
    "a_claim_that_is_held": (
        lambda w: w.do("UPDATE ledger_claim SET released_at = NULL"), "left_over", "claim held",
    ),
    "a_run_without_end": (
        lambda w: w.do("UPDATE ledger_run SET state = 'running'"), "left_over", "run without end",
    ),
    "a_file_that_is_not_finished": (
        lambda w: w.do("UPDATE ledger_file SET finish_state = 'pending'"), "left_over",
        "file unfinished",
    ),
    "a_delivery_that_is_not_sent": (
        lambda w: w.do("UPDATE ledger_delivery SET state = 'staged' WHERE delivery_no = 4"),
        "left_over", "delivery unsent",
    ),
    "an_acknowledgement_that_nobody_gave": (
        lambda w: w.do("UPDATE ledger_delivery SET state = 'acknowledged' WHERE delivery_no = 2"),
        "invented", "is acknowledged, and nobody confirmed it",
    ),
    "an_acknowledgement_that_is_lost": (
        lambda w: w.expected.acknowledged.add(2), "lost", "the acknowledgement of",
    ),
    "a_file_left_in_the_outbox": (
        lambda w: w.write(b"", "outbox", "etc_clearing", "x"), "left_over", "is left over",
    ),
}


class Planted(unittest.TestCase):
    """One test for each defect, and one without any."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.end)

    def test_a_sound_world_has_no_findings(self):
        self.assertEqual(self.world.found(), [])

    def test_the_decoder_reads_copies_from_absolute_places(self):
        # Five literals, then a copy of four from place 1 (q = 1, remainder 1) in three bits.
        literals = "".join("0" + format(byte, "08b") for byte in b"abcde")
        bits = literals + "1" + "10" + "1" + "001"
        stream = int(bits.ljust(56, "0"), 2).to_bytes(7, "big")
        data = (9).to_bytes(2, "big") + (7).to_bytes(2, "big") + stream
        self.assertEqual(wire.unpack(data), b"abcdebcde")

    def test_the_decoder_refuses_a_stream_that_ends_early(self):
        with self.assertRaises(wire.Malformed):
            wire.unpack(b"\x00\x09\x00\x01\x00")


def planted_test(plant, kind, words):
    def test(self):
        plant(self.world)
        found = self.world.found()
        self.assertTrue(
            any(kind == one and words in text for one, text in found), f"not seen; seen: {found}"
        )

    return test


for name, defect in DEFECTS.items():
    setattr(Planted, f"test_{name}_is_seen", planted_test(*defect))
