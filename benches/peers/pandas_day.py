"""pandas: both sides of a day kept in SQLite, merged, the breaks written as CSV.

  pandas_day.py OURS THEIRS DATABASE
"""

import sqlite3
import sys

import pandas

from layout import NAMES

ours, theirs, database = sys.argv[1:]
store = sqlite3.connect(database)
sides = {}
for side, file in (("ours", ours), ("theirs", theirs)):
    rows = pandas.read_csv(file, encoding="gbk", skiprows=1, header=None, names=NAMES, dtype={
        name: "int64" if name in ("amount", "balance") else "str" for name in NAMES})
    sides[side] = rows.drop_duplicates("id")
    sides[side].to_sql(side, store, index=False, chunksize=100_000)
store.commit()
both = sides["ours"].merge(sides["theirs"], on="id", how="outer", suffixes=("_o", "_t"),
                           indicator=True)
only_ours, only_theirs = both._merge == "left_only", both._merge == "right_only"
differ = ~only_ours & ~only_theirs & (
    (both.amount_o != both.amount_t) | (both.status_o != both.status_t))
both[only_ours | only_theirs | differ].to_csv("breaks.csv", index=False)
print(only_ours.sum(), only_theirs.sum(), differ.sum())
store.close()
