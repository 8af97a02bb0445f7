"""The hub as a contestant: a place of its own for every run, its answers read from its store."""

import json
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
    do(folder, [BIN, "store", "migrate", "--quiet"])


def drop(folder, file, path):
    """Puts a file where the partner would, at a path below the hub's folder."""
    place = os.path.join(folder, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    shutil.copyfile(file, place)


def run(job, day=DAY):
    return [BIN, "run", job, "--business-date", day, "--quiet"]


def do(folder, command):
    """What comes before the measuring."""
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def simulate(folder, rows, seed, *more, day=DAY):
    """Has the hub write the partner's files; `more` are options of `dukou simulate delimited`."""
    do(ROOT, [BIN, "simulate", "delimited", "--rows", str(rows), "--seed", str(seed),
              "--date", day, "--out", folder, "--quiet", *more])


def simulate_centre(folder, packages, records, seed):
    """Has the hub write a clearing centre's day without faults, in packages of any size."""
    do(ROOT, [BIN, "simulate", "etc_clearing", "--date", DAY, "--packages", str(packages),
              "--records", str(records), "--seed", str(seed), "--faults", "none",
              "--sealed-max-bytes", str(1 << 30), "--out", folder, "--quiet"])


def stated_by_centre(folder):
    """Count and sum of a centre's day."""
    with open(os.path.join(folder, "statement.json"), encoding="utf-8") as statement:
        received = json.load(statement)["day"]["received"]
    return received["count"], received["amount_fen"]


def ask(folder, sql):
    """One row of the embedded store."""
    store = sqlite3.connect(f"file:{folder}/var/dukou.db?mode=ro", uri=True)
    try:
        return store.execute(sql).fetchone()
    finally:
        store.close()
