"""datacompy over pandas: both sides of a day kept in SQLite, compared, the breaks written as CSV.

  datacompy_day.py OURS THEIRS DATABASE
"""

import sqlite3
import sys

import datacompy
import pandas

from layout import KEY, NAMES

ours, theirs, database = sys.argv[1:]
store = sqlite3.connect(database)
sides = []
for side, file in (("ours", ours), ("theirs", theirs)):
    rows = pandas.read_csv(file, encoding="gbk", skiprows=1, header=None, names=NAMES, dtype={
        name: "int64" if name in ("amount", "balance") else "str" for name in NAMES})
    rows = rows.drop_duplicates(KEY)
    rows.to_sql(side, store, index=False, chunksize=100_000)
    sides.append(rows[[KEY, "amount", "status"]])
store.commit()
compared = datacompy.PandasCompare(*sides, join_columns=KEY)
differ = compared.all_mismatch()
pandas.concat([compared.df1_unq_rows, compared.df2_unq_rows, differ]).to_csv("breaks.csv")
print(len(compared.df1_unq_rows), len(compared.df2_unq_rows), len(differ))
store.close()
