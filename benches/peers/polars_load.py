"""polars: one file into a Parquet file, unique by key.

  polars_load.py FILE OUT
"""

import subprocess
import sys

import polars

from layout import KEY, NAMES, utf8

file, out = sys.argv[1:]
subprocess.run(utf8(file, "rows.csv"), shell=True, check=True)
kinds = {name: polars.Int64 if name in ("amount", "balance") else polars.String for name in NAMES}
rows = polars.read_csv("rows.csv", has_header=False, quote_char=None, schema=kinds)
rows = rows.unique(KEY)
rows.write_parquet(out)
print(rows.height, rows["amount"].sum())
