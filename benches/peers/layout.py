"""The file that every peer reads: a header line, then 14 columns, in GBK."""

COLUMNS = [
    ("id", "VARCHAR"), ("day", "DATE"), ("card", "VARCHAR"), ("plate", "VARCHAR"),
    ("outlet", "VARCHAR"), ("place", "VARCHAR"), ("operator", "VARCHAR"), ("amount", "BIGINT"),
    ("balance", "BIGINT"), ("made_at", "TIMESTAMP"), ("channel", "VARCHAR"), ("status", "VARCHAR"),
    ("terminal", "VARCHAR"), ("remark", "VARCHAR"),
]
NAMES = [name for name, _ in COLUMNS]
KEY = "id"


def utf8(file, out):
    """The shell command that drops the header line and writes the rest as UTF-8."""
    return f"tail -n +2 '{file}' | iconv -f GBK -t UTF-8 > '{out}'"
