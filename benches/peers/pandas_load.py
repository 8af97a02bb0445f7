"""pandas: one file into a SQLite table.

  pandas_load.py FILE DATABASE
"""

import sqlite3
import sys

import pandas

from layout import NAMES

file, database = sys.argv[1:]
rows = pandas.read_csv(file, encoding="gbk", skiprows=1, header=None, names=NAMES, dtype={
    name: "int64" if name in ("amount", "balance") else "str" for name in NAMES})
rows = rows.drop_duplicates("id")
store = sqlite3.connect(database)
rows.to_sql("recharge", store, index=False, chunksize=100_000)
store.commit()
print(len(rows), rows.amount.sum())
store.close()
