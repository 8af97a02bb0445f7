#!/bin/sh
# sqlite3: one file by .import into a table with a key.  sqlite_load.sh FILE DATABASE
set -e
tail -n +2 "$1" | iconv -f GBK -t UTF-8 >rows.csv
sqlite3 "$2" <<SQL
PRAGMA journal_mode = WAL;
CREATE TABLE recharge (id TEXT PRIMARY KEY, day TEXT, card TEXT, plate TEXT, outlet TEXT,
    place TEXT, operator TEXT, amount INTEGER, balance INTEGER, made_at TEXT, channel TEXT, status TEXT,
    terminal TEXT, remark TEXT) WITHOUT ROWID;
.mode csv
.import rows.csv recharge
PRAGMA wal_checkpoint(TRUNCATE);
.mode list
.separator " "
SELECT count(*), sum(amount) FROM recharge;
SQL
