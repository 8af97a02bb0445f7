"""What the hub must reach: by case and row of the table, bounds of the ratio and of the memory.

A ratio is held against its bounds as the median over the rounds, memory as the most of any round.
"""

from dataclasses import dataclass

# case: {row: (at least, at most)}; the row is that of the peer, or of the hub's heavier work.
RATIOS = {
    "ingest": {
        "DuckDB, key": (None, 0.5),
        "DuckDB, distinct": (None, 1.1),
        "sqlite3 .import, key": (None, 0.4),
    },
    "ingest_postgres": {"psql COPY, key": (None, 0.5)},
    "day_close": {
        "DuckDB, distinct": (None, 1.2),
        "DuckDB, key": (None, 0.6),
        "pandas": (None, 0.25),
    },
    "packages": {"dukou, packages": (None, 4.0)},
    "packages_postgres": {"dukou, packages": (None, 4.0)},
    "fixed": {"dukou, fixed width": (None, 1.5)},
    "json": {"dukou, JSON": (None, 1.5)},
    "workbook": {"pandas, openpyxl": (None, 0.5)},
    "memory": {
        "dukou, 10 x": (None, 12.0),
        "dukou, 10 x, checkpointed": (None, 15.0),
    },
    "tenth_day": {"day 10": (0.85, 1.15)},
    "tenth_day_postgres": {"day 10": (0.85, 1.15)},
}

# case: {row: MiB at most}
MEMORY = {
    "memory": {"dukou, 1 x": 256, "dukou, 10 x": 256},
}


@dataclass
class Verdict:
    """An aim beside what was measured."""

    text: str
    is_met: bool


def ratio(case, row, value):
    """What a ratio is held against; nothing where there is no aim."""
    bounds = RATIOS.get(case, {}).get(row)
    if bounds is None:
        return None
    least, most = bounds
    wanted = f"<= {most:g}" if least is None else f"{least:g} to {most:g}"
    return verdict(wanted, (least is None or least <= value) and value <= most)


def memory(case, row, mib):
    """The same for memory."""
    most = MEMORY.get(case, {}).get(row)
    return None if most is None else verdict(f"<= {most} MiB", mib <= most)


def verdict(wanted, is_met):
    return Verdict(f"{wanted} {'met' if is_met else 'MISSED'}", is_met)
