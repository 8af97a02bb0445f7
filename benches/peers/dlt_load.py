"""dlt: one file into DuckDB by Arrow batches, merged by key.

  dlt_load.py FILE FOLDER
"""

import os
import subprocess
import sys

import dlt
import duckdb
import pyarrow
import pyarrow.csv

from layout import KEY, NAMES, utf8

file, folder = sys.argv[1:]
subprocess.run(utf8(file, "rows.csv"), shell=True, check=True)
os.environ.update(DLT_DATA_DIR=folder, RUNTIME__DLTHUB_TELEMETRY="false")


KINDS = {name: pyarrow.int64() if name in ("amount", "balance") else pyarrow.string()
         for name in NAMES}


@dlt.resource(primary_key=KEY, write_disposition="merge")
def recharge():
    yield from pyarrow.csv.open_csv(
        "rows.csv", pyarrow.csv.ReadOptions(column_names=NAMES, block_size=16 << 20),
        pyarrow.csv.ParseOptions(quote_char=False),
        pyarrow.csv.ConvertOptions(column_types=KINDS),
    )


database = os.path.join(folder, "dlt.duckdb")
pipeline = dlt.pipeline("bench", pipelines_dir=folder, dataset_name="bench",
                        destination=dlt.destinations.duckdb(database))
pipeline.run(recharge())
print(*duckdb.connect(database).execute(
    "SELECT count(*), sum(amount) FROM bench.recharge").fetchone())
