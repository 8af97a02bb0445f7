"""pandas with openpyxl: a workbook into a SQLite table, its total held against its rows.

  pandas_workbook.py FILE DATABASE
"""

import sqlite3
import sys

import pandas

from layout import NAMES

file, database = sys.argv[1:]
NUMBERS = ("amount", "balance")
kinds = {at: "str" for at, name in enumerate(NAMES) if name not in (*NUMBERS, "day", "made_at")}
rows = pandas.read_excel(file, engine="openpyxl", header=None, skiprows=1, dtype=kinds)
rows.columns = NAMES
total, rows = rows.iloc[-1], rows.iloc[:-1].copy()
for name in NUMBERS:
    rows[name] = (rows[name].astype(float) * 100).round().astype("int64")
if rows.amount.sum() != round(total.amount * 100):
    sys.exit("the total row says something else")
rows = rows.drop_duplicates("id")
store = sqlite3.connect(database)
rows.to_sql("recharge", store, index=False, chunksize=100_000)
store.commit()
print(len(rows), rows.amount.sum())
store.close()
