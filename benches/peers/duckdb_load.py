"""DuckDB: one file into one table; `keyed` with a primary key, `distinct` without.

  duckdb_load.py FILE DATABASE keyed|distinct
"""

import subprocess
import sys

import duckdb

from layout import COLUMNS, KEY, utf8

file, database, how = sys.argv[1:]
subprocess.run(utf8(file, "rows.csv"), shell=True, check=True)
store = duckdb.connect(database)
columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS)
rows = f"read_csv('rows.csv', header=false, quote='', columns={{{columns}}})"
if how == "keyed":
    declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS)
    store.execute(f"CREATE TABLE recharge ({declared}, PRIMARY KEY ({KEY}))")
    store.execute(f"INSERT INTO recharge SELECT * FROM {rows}")
else:
    store.execute(f"CREATE TABLE recharge AS SELECT DISTINCT ON ({KEY}) * FROM {rows}")
store.execute("CHECKPOINT")
print(*store.execute("SELECT count(*), sum(amount) FROM recharge").fetchone())
store.close()
