"""polars: both sides of a day kept as Parquet files, joined, the breaks written as CSV.

  polars_day.py OURS THEIRS
"""

import subprocess
import sys

import polars
from polars import col

from layout import KEY, NAMES, utf8

ours, theirs = sys.argv[1:]
kinds = {name: polars.Int64 if name in ("amount", "balance") else polars.String for name in NAMES}
pair = [subprocess.Popen(utf8(file, f"{side}.csv"), shell=True)
        for side, file in (("ours", ours), ("theirs", theirs))]
if any(child.wait() for child in pair):
    sys.exit("iconv failed")
sides = {}
for side in ("ours", "theirs"):
    rows = polars.read_csv(f"{side}.csv", has_header=False, quote_char=None, schema=kinds)
    sides[side] = rows.unique(KEY)
    sides[side].write_parquet(f"{side}.parquet")
both = sides["ours"].join(sides["theirs"], on=KEY, how="full", suffix="_t")
only_ours, only_theirs = col(f"{KEY}_t").is_null(), col(KEY).is_null()
differ = (col("amount") != col("amount_t")) | (col("status") != col("status_t"))
breaks = both.select(
    polars.coalesce(KEY, f"{KEY}_t").alias(KEY), "amount", "amount_t",
    polars.when(only_ours).then(polars.lit("ours")).when(only_theirs).then(polars.lit("theirs"))
    .when(differ).then(polars.lit("differ")).alias("kind"),
).filter(col("kind").is_not_null())
breaks.write_csv("breaks.csv")
print(*(breaks.filter(col("kind") == kind).height for kind in ("ours", "theirs", "differ")))
