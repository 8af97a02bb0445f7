"""The hub as a contestant: a place of its own for every run, its answers read from its store."""

import os
import shutil
import sqlite3
import subprocess

BIN = os.path.abspath(os.environ.get("DUKOU_BIN", "target/release/dukou"))
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DAY = "2026-03-09"


def place(folder, url, config="fixtures/bench"):
    """A settings folder with the configuration of `config` and an empty, migrated store."""
    for part in ("jobs", "mappings"):
        shutil.copytree(os.path.join(ROOT, config, part), os.path.join(folder, part))
    with open(os.path.join(ROOT, config, "dukou.toml"), encoding="utf-8") as settings:
        text = settings.read().replace("sqlite://var/dukou.db", url)
    with open(os.path.join(folder, "dukou.toml"), "w", encoding="utf-8") as settings:
        settings.write(text)
    subprocess.run([BIN, "store", "migrate", "--quiet"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)


def drop(folder, file, name):
    """Puts a file where the partner would."""
    inbox = os.path.join(folder, "inbox", "bench", "in")
    os.makedirs(inbox, exist_ok=True)
    shutil.copyfile(file, os.path.join(inbox, name))


def run(job, day=DAY):
    return [BIN, "run", job, "--business-date", day, "--quiet"]


def simulate(folder, rows, seed, *more):
    """Has the hub write the partner's files; `more` are options of `dukou simulate delimited`."""
    subprocess.run(
        [BIN, "simulate", "delimited", "--rows", str(rows), "--seed", str(seed),
         "--date", DAY, "--out", folder, "--quiet", *more],
        check=True, cwd=ROOT, stdout=subprocess.DEVNULL,
    )


def ask(folder, sql):
    """One row of the embedded store."""
    store = sqlite3.connect(f"file:{folder}/var/dukou.db?mode=ro", uri=True)
    try:
        return store.execute(sql).fetchone()
    finally:
        store.close()
