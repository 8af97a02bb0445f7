"""SQLite: moves what stands in a write-ahead log into its database.  checkpoint.py DATABASE"""

import sqlite3
import sys

store = sqlite3.connect(sys.argv[1])
is_busy, _, _ = store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
sys.exit(is_busy)
