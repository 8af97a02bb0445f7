"""The day's recharges in other forms: the same rows, in the same order, made of the delimited file.

  forms.py fixed|ndjson|workbook DELIMITED OUT

A process of its own: what it needs of memory would count as that of the programs measured, which
begin as copies of the process that measures.
"""

import datetime
import json
import sys

import xlsxwriter

# As fixtures/bench/mappings/bench declares them; widths are bytes of GBK.
COLUMNS = {
    "id": (24, "流水号"), "date": (10, "交易日期"), "card": (20, "卡号"), "plate": (12, "车牌"),
    "outlet": (20, "网点"), "place": (14, "办理地点"), "operator": (10, "经办人"),
    "amount": (12, "充值金额（元）"), "balance": (12, "系统余额（元）"), "time": (19, "充值时间"),
    "channel": (2, "渠道"), "status": (1, "状态"), "terminal": (12, "终端编号"),
    "remark": (24, "备注"),
}
NUMBERS = ("amount", "balance")
SHEET, TOTAL = "充值明细", "合计"


def fixed(delimited, out):
    """Fixed width in GBK: text stands left with blanks, numbers right with zeros."""
    shapes = [(width, name in NUMBERS) for name, (width, _) in COLUMNS.items()]
    with open(delimited, "rb") as lines, open(out, "wb") as file:
        _, day, count, amount = next(lines).rstrip(b"\n").split(b",")
        file.write(b"H%s%s%s\n" % (day, count.rjust(10, b"0"), amount.rjust(18, b"0")))
        for line in lines:
            values = line.rstrip(b"\n").split(b",")
            file.write(b"".join(
                value.rjust(width, b"0") if is_number else value.ljust(width)
                for value, (width, is_number) in zip(values, shapes)) + b"\n")


def ndjson(delimited, out):
    """One JSON document a line, in UTF-8."""
    names = list(COLUMNS)
    with open(delimited, encoding="gbk") as lines, open(out, "w", encoding="utf-8") as file:
        _, day, count, amount = next(lines).rstrip("\n").split(",")
        header = {"mark": "H", "business_date": day, "count": int(count), "amount": int(amount)}
        file.write(line_of({"header": header}))
        for line in lines:
            row = dict(zip(names, line.rstrip("\n").split(",")))
            for name in NUMBERS:
                row[name] = int(row[name])
            file.write(line_of({"recharge": row}))


def line_of(document):
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def workbook(delimited, out):
    """An xlsx as people keep one: headings, real days and amounts in yuan, a total row."""
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet(SHEET)
    day_shape = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, [heading for _, heading in COLUMNS.values()])
    places = {name: at for at, name in enumerate(COLUMNS)}
    with open(delimited, encoding="gbk") as lines:
        total = int(next(lines).rstrip("\n").split(",")[3])
        number = 0
        for number, line in enumerate(lines, start=1):
            row = dict(zip(COLUMNS, line.rstrip("\n").split(",")))
            day = datetime.date.fromisoformat(row.pop("date"))
            sheet.write_datetime(number, places["date"], day, day_shape)
            time = datetime.datetime.fromisoformat(row.pop("time"))
            sheet.write_datetime(number, places["time"], time)
            for name in NUMBERS:
                sheet.write_number(number, places[name], int(row.pop(name)) / 100)
            for name, value in row.items():
                sheet.write_string(number, places[name], value)
    sheet.write_string(number + 1, places["id"], TOTAL)
    sheet.write_number(number + 1, places["amount"], total / 100)
    book.close()


if __name__ == "__main__":
    form, source, target = sys.argv[1:]
    {"fixed": fixed, "ndjson": ndjson, "workbook": workbook}[form](source, target)
