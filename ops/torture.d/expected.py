"""What must come out, told from the files that were given to the hub and from nothing else."""

import collections
import hashlib

import wire


class Given:
    """One file that was put into the partner's folder."""

    def __init__(self, name, data):
        self.name = name
        self.data = data
        self.digest = hashlib.sha256(data).hexdigest()
        self.message = int(name.split(".")[0])
        self.confirms = confirmed_by(data)
        try:
            self.package = wire.Package(wire.read(data))
            self.fault = None
        except wire.Malformed as error:
            self.package, self.fault = None, str(error)


def confirmed_by(data):
    """The number of our message that a confirmation of the centre accepts; none for other files."""
    try:
        tree = wire.read(data)
        if wire.kind(tree)[0] != 6:
            return None
        number, result = (int(wire.text(tree, f"Body/{name}")) for name in ("MessageId", "Result"))
    except (wire.Malformed, AttributeError, ValueError):
        return None
    return number if result in (1, 5) else None


class Expected:
    """The files in the order in which they were given, and what each must lead to."""

    def __init__(self):
        self.given = []
        # By key: the file that must be loaded.
        self.accepted = {}
        # By message: the results of the confirmations that are owed.
        self.results = collections.defaultdict(collections.Counter)
        # Our messages that the centre confirmed.
        self.acknowledged = set()

    def give(self, file):
        """Notes a file. One with the name of an earlier one may only be given when that one is
        finished: their order would be unknown."""
        self.given.append(file)
        if file.confirms is not None:
            self.acknowledged.add(file.confirms)
            return
        result = self.result(file)
        self.results[file.message][result] += 1
        if result == 1:
            self.accepted[file.package.key] = file

    def result(self, file):
        """The confirmation's code (partner facts: etc, section 2.8)."""
        if file.package is None:
            return 3
        before = self.accepted.get(file.package.key)
        if before is not None:
            return 5 if before.digest == file.digest else 4
        return 1 if file.package.agrees else 4

    @property
    def rows(self):
        """How many transactions the store must hold."""
        return sum(len(file.package.rows) for file in self.accepted.values())
