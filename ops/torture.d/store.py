"""The store, read from outside: by Python's own SQLite, or by `psql`.

Every value comes as text or None, so that both databases give the same answers.
"""

import glob
import os
import shutil
import sqlite3
import subprocess
import urllib.parse

END = "--end of answer--"


class Sqlite:
    """An embedded store. Reading never writes: what a crash left is the program's to recover."""

    def __init__(self, path):
        self.path = path
        self.link = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, timeout=30, isolation_level=None,
            check_same_thread=False,
        )

    def rows(self, sql):
        found = self.link.execute(sql).fetchall()
        return [tuple(None if value is None else str(value) for value in row) for row in found]

    def micros(self, column):
        """An instant as microseconds."""
        return column

    def damage(self):
        """What the database says about its own pages."""
        return [row for (row,) in self.rows("PRAGMA integrity_check") if row != "ok"]

    def close(self):
        self.link.close()


class SqliteHome:
    """Where an embedded store lies."""

    name = "sqlite"

    def __init__(self, folder):
        self.path = os.path.join(folder, "var", "dukou.db")
        self.scratch = os.path.join(folder, "look")

    def settings(self):
        return 'url = "sqlite://var/dukou.db"'

    def environment(self):
        return {}

    def open(self):
        return Sqlite(self.path)

    def exists(self):
        return os.path.exists(self.path)

    def look(self):
        """What a crash left, in a copy: looking at the store itself would recover it."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.makedirs(self.scratch)
        for suffix in ("", "-wal"):
            if os.path.exists(self.path + suffix):
                shutil.copyfile(self.path + suffix, os.path.join(self.scratch, "dukou.db" + suffix))
        return Sqlite(os.path.join(self.scratch, "dukou.db"))

    def drop(self):
        pass


class Postgres:
    """A database on a server, through one long-living `psql`."""

    def __init__(self, home):
        words = ["-XqAt", "-F", "\x1f", "-P", "null=\\N", "-v", "ON_ERROR_STOP=1"]
        self.psql = subprocess.Popen(
            [psql(), *words, home.address], env=os.environ | home.environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )

    def rows(self, sql):
        self.psql.stdin.write(f"{sql};\n\\echo {END}\n")
        self.psql.stdin.flush()
        found = []
        for line in self.psql.stdout:
            line = line.rstrip("\n")
            if line == END:
                return found
            found.append(tuple(None if cell == "\\N" else cell for cell in line.split("\x1f")))
        raise RuntimeError(f"psql ended at: {sql}")

    def micros(self, column):
        return f"(extract(epoch FROM {column}) * 1000000)::bigint"

    def damage(self):
        return []

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()


class PostgresHome:
    """A database of its own on a server, made and dropped here."""

    name = "postgres"

    def __init__(self, server):
        place = urllib.parse.urlsplit(server)
        self.password = urllib.parse.unquote(place.password or "")
        host = place.netloc.rpartition("@")[2]
        self.server = place._replace(netloc=f"{place.username or 'postgres'}@{host}")
        self.database = f"dukou_torture_{os.getpid()}_{os.urandom(4).hex()}"
        self.address = self.server._replace(path="/" + self.database).geturl()
        self.administer(f"CREATE DATABASE {self.database}")

    def administer(self, sql):
        words = ["-XqAt", "-v", "ON_ERROR_STOP=1", self.server.geturl(), "-c", sql]
        subprocess.run([psql(), *words], env=os.environ | self.environment(), check=True)

    def settings(self):
        secret = '\npassword = { env = "PGPASSWORD" }' if self.password else ""
        return f'url = "{self.address}"{secret}'

    def environment(self):
        return {"PGPASSWORD": self.password} if self.password else {}

    def open(self):
        return Postgres(self)

    def exists(self):
        return True

    def look(self):
        return self.open()

    def drop(self):
        self.administer(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")


def psql():
    """The client: in PATH, or beside the newest server."""
    found = shutil.which("psql") or max(glob.glob("/usr/lib/postgresql/*/bin/psql"), default=None)
    if not found:
        raise FileNotFoundError("there is no `psql`: install postgresql, or run ops/setup")
    return found
