#!/bin/sh
# psql: one file by COPY into a table with a key.  psql_load.sh FILE URL
set -e
psql -q -v ON_ERROR_STOP=1 "$2" <<SQL
CREATE TABLE recharge (id TEXT PRIMARY KEY, day DATE, card TEXT, plate TEXT, outlet TEXT,
    place TEXT, operator TEXT, amount BIGINT, balance BIGINT, made_at TIMESTAMP, channel TEXT,
    status TEXT, terminal TEXT, remark TEXT);
SQL
tail -n +2 "$1" | iconv -f GBK -t UTF-8 |
    psql -q -v ON_ERROR_STOP=1 "$2" -c "COPY recharge FROM STDIN WITH (FORMAT csv, QUOTE E'\\x01')"
psql -At -F ' ' "$2" -c "SELECT count(*), sum(amount) FROM recharge"
