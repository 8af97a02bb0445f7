"""The clearing centre's wire, read a second time.

Written from the published facts alone, not from the program under test: the container, the
transaction packages and the two messages that answer them. A mistake that both sides share would
go unseen, so this side shares nothing.
"""

import re
import xml.etree.ElementTree as ElementTree

BLOCK = 65536
YUAN = re.compile(r"-?\d+\.\d{2}")


class Malformed(Exception):
    """The bytes are not what they claim to be."""


def unpack(data):
    """The content of a container: blocks, each stored raw or as a bit stream."""
    out, at = [], 0
    while at < len(data):
        if at + 4 > len(data):
            raise Malformed("a block's lengths are cut off")
        raw = int.from_bytes(data[at : at + 2], "big") or BLOCK
        stored = int.from_bytes(data[at + 2 : at + 4], "big") or BLOCK
        at += 4
        block = data[at : at + stored]
        if len(block) != stored:
            raise Malformed("a block is cut off")
        out.append(block if stored == raw else expand(block, raw))
        at += stored
    return b"".join(out)


def expand(block, raw):
    """One block: literals, and copies from an absolute place in the block's own output."""
    bits = bin(int.from_bytes(b"\1" + block, "big"))[3:]
    out, at = bytearray(), 0
    try:
        while len(out) < raw:
            if bits[at] == "0":
                out.append(int(bits[at + 1 : at + 9], 2))
                at += 9
                continue
            close = bits.index("0", at + 1)
            ones, at = close - at - 1, close + 1
            length = 2
            if ones:
                length = 2**ones + int(bits[at : at + ones], 2) + 1
                at += ones
            width = (len(out) - 1).bit_length()
            start = int(bits[at : at + width], 2) if width else 0
            at += width
            if start + length <= len(out):
                out += out[start : start + length]
            elif start < len(out):
                for place in range(start, start + length):
                    out.append(out[place])
            else:
                raise Malformed("a copy from outside the block")
    except (IndexError, ValueError) as error:
        raise Malformed(f"the bit stream ends early: {error}") from error
    if len(out) != raw:
        raise Malformed(f"a block of {len(out)} bytes that promised {raw}")
    return bytes(out)


def read(data):
    """A sealed file as an XML tree without namespaces."""
    try:
        return ElementTree.fromstring(unpack(data))
    except ElementTree.ParseError as error:
        raise Malformed(str(error)) from error


def text(node, path):
    """The trimmed text at a path that must be there."""
    found = node.find(path)
    if found is None:
        raise Malformed(f"`{path}` is missing")
    return (found.text or "").strip()


def fen(yuan):
    """An amount in 分; there are exactly two decimals. A card's balance may be overdrawn."""
    if not YUAN.fullmatch(yuan):
        raise Malformed(f"`{yuan}` is no amount")
    return int(yuan.replace(".", ""))


def kind(tree):
    """Class, type and content type: what the message is."""
    content = tree.find("Body").get("ContentType")
    return (
        int(text(tree, "Header/MessageClass")),
        int(text(tree, "Header/MessageType")),
        int(content) if content else None,
    )


# What a row of a package and a row of the store must have in common: the store's column, and where
# the message has it.
SHARED = {
    "card_net": "ICCard/NetNo",
    "card_id": "ICCard/CardId",
    "card_license": "ICCard/License",
    "tac": "Validation/TAC",
    "trans_type": "Validation/TransType",
    "terminal_no": "Validation/TerminalNo",
    "terminal_trans_no": "Validation/TerminalTransNo",
    "service_detail": "Service/Detail",
}
MONEY = {"pre_balance": "ICCard/PreBalance", "post_balance": "ICCard/PostBalance"}


class Package:
    """A package of original transactions as its sender wrote it."""

    def __init__(self, tree):
        if kind(tree) != (5, 7, 1):
            raise Malformed(f"class, type and content type are {kind(tree)}, not (5, 7, 1)")
        body = tree.find("Body")
        self.provider = text(body, "ServiceProviderId")
        self.issuer = text(body, "IssuerId")
        self.sender = text(tree, "Header/SenderId")
        self.message = int(text(body, "MessageId"))
        self.day = text(body, "ClearTargetDate")
        self.count = int(text(body, "Count"))
        self.amount = fen(text(body, "Amount"))
        self.rows = {}
        for node in body.findall("Transaction"):
            row = {name: text(node, path) for name, path in SHARED.items()}
            row |= {name: text(node, path) for name, path in MONEY.items()}
            row["fee"] = fen(text(node, "Fee"))
            row["time"] = text(node, "Time").replace(" ", "T")
            self.rows[int(text(node, "TransId"))] = row

    @property
    def key(self):
        """What identifies it."""
        return (self.provider, self.message)

    @property
    def agrees(self):
        """Whether it holds what it promises."""
        fees = sum(row["fee"] for row in self.rows.values())
        return len(self.rows) == self.count and fees == self.amount


class Confirmation:
    """A generic confirmation."""

    def __init__(self, tree):
        self.number = int(text(tree, "Header/MessageId"))
        self.sender = text(tree, "Header/SenderId")
        self.receiver = text(tree, "Header/ReceiverId")
        self.of = int(text(tree, "Body/MessageId"))
        self.day = text(tree, "Body/ClearTargetDate")
        self.result = int(text(tree, "Body/Result"))


class Accounting:
    """The business answer to a package."""

    def __init__(self, tree):
        body = tree.find("Body")
        self.number = int(text(tree, "Header/MessageId"))
        self.sender = text(tree, "Header/SenderId")
        self.receiver = text(tree, "Header/ReceiverId")
        self.issuer = text(body, "IssuerId")
        self.key = (text(body, "ServiceProviderId"), int(text(body, "MessageId")))
        self.count = int(text(body, "Count"))
        self.amount = fen(text(body, "Amount"))
        self.disputed_count = int(text(body, "DisputedCount"))
        records = body.findall("DisputedRecord")
        self.disputed = {int(text(one, "TransId")): int(text(one, "Result")) for one in records}
        if len(self.disputed) != len(records):
            raise Malformed("a transaction is disputed twice")


def answer(data):
    """A file that the issuer delivered."""
    tree = read(data)
    found = kind(tree)
    if found == (6, 7, 1) or found == (6, 7, None):
        return Confirmation(tree)
    if found == (5, 5, 1):
        return Accounting(tree)
    raise Malformed(f"class, type and content type are {found}: no answer to a package")
