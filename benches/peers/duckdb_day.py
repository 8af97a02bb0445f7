"""DuckDB: both sides of a day loaded and compared, the breaks kept as a table and written as CSV.

  duckdb_day.py OURS THEIRS DATABASE keyed|distinct
"""

import subprocess
import sys

import duckdb

from layout import COLUMNS, KEY, utf8

ours, theirs, database, how = sys.argv[1:]
pair = [subprocess.Popen(utf8(file, f"{side}.csv"), shell=True)
        for side, file in (("ours", ours), ("theirs", theirs))]
if any(child.wait() for child in pair):
    sys.exit("iconv failed")
store = duckdb.connect(database)
columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS)
for side in ("ours", "theirs"):
    rows = f"read_csv('{side}.csv', header=false, quote='', columns={{{columns}}})"
    if how == "keyed":
        declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS)
        store.execute(f"CREATE TABLE {side} ({declared}, PRIMARY KEY ({KEY}))")
        store.execute(f"INSERT INTO {side} SELECT * FROM {rows}")
    else:
        store.execute(f"CREATE TABLE {side} AS SELECT DISTINCT ON ({KEY}) * FROM {rows}")
store.execute(f"""CREATE TABLE breaks AS
    SELECT coalesce(o.{KEY}, t.{KEY}) AS id, o.amount AS ours, t.amount AS theirs,
        CASE WHEN t.{KEY} IS NULL THEN 'ours' WHEN o.{KEY} IS NULL THEN 'theirs'
             ELSE 'differ' END AS kind
    FROM ours o FULL JOIN theirs t ON o.{KEY} = t.{KEY}
    WHERE o.{KEY} IS NULL OR t.{KEY} IS NULL OR o.amount <> t.amount OR o.status <> t.status""")
store.execute("COPY breaks TO 'breaks.csv'")
store.execute("CHECKPOINT")
for kind in ("ours", "theirs", "differ"):
    print(store.execute(f"SELECT count(*) FROM breaks WHERE kind = '{kind}'").fetchone()[0])
store.close()
