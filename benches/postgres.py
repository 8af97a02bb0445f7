"""A private PostgreSQL for one case: started on a free port, removed with its data at the end."""

import os
import shutil
import socket
import subprocess
import tempfile

BIN = os.environ.get("DUKOU_POSTGRES_BIN", "")


class Server:
    def __init__(self):
        # The server refuses root, and its user must be able to get there.
        self.folder = tempfile.mkdtemp(prefix="dukou-bench-postgres.", dir="/tmp")
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.tool("initdb", "-D", "data", "-U", "postgres", "-E", "UTF8", "--locale=C",
                  "-A", "trust")
        # Settings as a careful administrator would make them for loads; all of it durable.
        options = (f"-c listen_addresses=127.0.0.1 -c port={self.port} "
                   f"-c unix_socket_directories='{self.folder}' -c shared_buffers=512MB "
                   "-c max_wal_size=4GB -c checkpoint_timeout=30min")
        self.tool("pg_ctl", "start", "-D", "data", "-w", "-l", "log", "-o", options)

    def tool(self, name, *arguments):
        command = [os.path.join(BIN, name), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def url(self, database="postgres"):
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def sql(self, text, database="postgres"):
        return subprocess.run(
            ["psql", "-At", "-F", " ", "-v", "ON_ERROR_STOP=1", self.url(database), "-c", text],
            check=True, capture_output=True, text=True,
        ).stdout.strip()

    def fresh(self, database):
        """An empty database, and nothing left to be written of the last one."""
        self.sql(f"DROP DATABASE IF EXISTS {database}")
        self.sql(f"CREATE DATABASE {database}")
        self.sql("CHECKPOINT")
        return self.url(database)

    def stop(self):
        self.tool("pg_ctl", "stop", "-D", "data", "-m", "immediate", "-w")
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
