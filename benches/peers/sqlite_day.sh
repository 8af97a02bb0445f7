#!/bin/sh
# sqlite3: both sides of a day by .import into tables with keys, the breaks written as CSV.
#   sqlite_day.sh OURS THEIRS DATABASE
set -e
tail -n +2 "$1" | iconv -f GBK -t UTF-8 >ours.csv
tail -n +2 "$2" | iconv -f GBK -t UTF-8 >theirs.csv
table() {
    echo "CREATE TABLE $1 (id TEXT PRIMARY KEY, day TEXT, card TEXT, plate TEXT, outlet TEXT,
        place TEXT, operator TEXT, amount INTEGER, balance INTEGER, made_at TEXT, channel TEXT,
        status TEXT, terminal TEXT, remark TEXT) WITHOUT ROWID;"
}
sqlite3 "$3" <<SQL
PRAGMA journal_mode = WAL;
$(table ours)
$(table theirs)
.mode csv
.import ours.csv ours
.import theirs.csv theirs
CREATE TABLE breaks AS
    SELECT o.id, o.amount AS ours, t.amount AS theirs,
        CASE WHEN t.id IS NULL THEN 'ours' ELSE 'differ' END AS kind
    FROM ours o LEFT JOIN theirs t ON t.id = o.id
    WHERE t.id IS NULL OR o.amount <> t.amount OR o.status <> t.status
    UNION ALL
    SELECT t.id, NULL, t.amount, 'theirs' FROM theirs t
    WHERE NOT EXISTS (SELECT 1 FROM ours o WHERE o.id = t.id);
.once breaks.csv
SELECT * FROM breaks;
PRAGMA wal_checkpoint(TRUNCATE);
.mode list
.separator " "
SELECT sum(kind = 'ours'), sum(kind = 'theirs'), sum(kind = 'differ') FROM breaks;
SQL
