//! The last sheet: what a reader must know of the others.

use super::{Book, Place, Style};
use crate::report::cell::Cell;
use crate::report::{ReportError, Request, words};

/// Writes the notes; call it when every other sheet is complete, for it says what was altered.
pub(in crate::report) fn notes(book: &mut Book, request: &Request<'_>) -> Result<(), ReportError> {
    let l = request.language;
    let texts = texts(book, request);
    book.end()?;
    let mut sheet = book.sheet(l.pick("说明", "Notes"))?;
    sheet.fixed(&[4, 80]);
    sheet.across(
        (0, 1),
        l.pick("说明", "Notes"),
        Style::Section,
        &book.formats,
    )?;
    sheet.down()?;
    let mut tally = super::Tally::default();
    for (number, text) in (1_i64..).zip(&texts) {
        sheet.put(
            0,
            &Cell::No(number),
            Style::Loose,
            &book.formats,
            &mut tally,
        )?;
        sheet.put(
            1,
            &Cell::Text(text),
            Style::Loose,
            &book.formats,
            &mut tally,
        )?;
        sheet.down()?;
    }
    sheet.close()?;
    book.keep(Place::Notes, sheet);
    Ok(())
}

fn texts(book: &Book, request: &Request<'_>) -> Vec<String> {
    let l = request.language;
    let tally = book.tally;
    let counted = |zh: &str, en: &str, count: u64| {
        let shown = words::number(i64::try_from(count).unwrap_or(i64::MAX));
        l.pick(zh, en).replace("{}", &shown)
    };
    vec![
        l.pick(
            "本工作簿没有公式、宏和外部链接；所有数字由对账程序算出，单元格为实际值。",
            "This workbook has no formula, no macro and no outside link; the program computed every number, and cells hold values.",
        )
        .to_owned(),
        counted(
            "以 = + - @（含全角）、制表符或回车开头的文本前加了单引号，以免被表格软件当作公式执行，共 {} 格。",
            "A text that begins with = + - @ (full width too), a tab or a return has an apostrophe in front, so that no spreadsheet runs it as a formula: {} cells.",
            tally.neutralised,
        ),
        counted(
            "金额以元为单位、两位小数的数值；超过 15 位有效数字的数值表格软件无法准确保存，按文本写出，共 {} 格。",
            "Amounts are numbers in yuan with two places; a number of more than 15 digits cannot be kept exactly by a spreadsheet and is written as text: {} cells.",
            tally.long_numbers,
        ),
        counted(
            "超过单元格容量的文本被截断并以“…”结尾，共 {} 格；完整内容见同目录 CSV。",
            "A text that a cell cannot hold is cut and ends with an ellipsis: {} cells; the CSV files beside have it whole.",
            tally.cut,
        ),
        l.pick(
            "卡号、包号、交易号等标识均为文本，前导零和位数保持原样。",
            "Numbers of cards, packages and transactions are text: leading zeros and all digits stay.",
        )
        .to_owned(),
        l.pick(
            "“明细行”即 details.csv 的行号（第 1 行为表头），在工作簿中可点击，跳到“明细-”各表的对应行。每行注明文件编号、记录号、字节偏移和长度；文件的名称和落地摘要见“数据来源”。",
            "“Lines of details” are lines of details.csv (line 1 is the heading); here they lead to the rows of the Details sheets. Each row names its file, record, byte offset and length; names and landed digests of files are on Sources.",
        )
        .to_owned(),
        l.pick(
            "“追溯命令”可在命令行执行，查到合作方文件中的原始字节。",
            "“Trace” is a command for the shell: it leads to the partner's bytes.",
        )
        .to_owned(),
        l.pick(
            "长款、短款以我方为准：对方结算金额高于我方认可为短款，低于我方认可为长款（我方付款时）。",
            "Long and short are ours: as the paying side we are short when the other side states more than we recognise, long when it states less.",
        )
        .to_owned(),
    ]
}
