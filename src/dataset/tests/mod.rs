//! What several tests of this module stand on.

mod declared;
mod problems;
mod stored;

use super::table::{Dataset, Datasets};
use crate::diag::{Problems, Source};
use crate::document::Document;

/// Card statuses with an as-of column, small.
pub(super) const STATUS: &str = r#"
title = "卡状态"
title_en = "Card status"
key = ["card_id", "effective_at"]
distribution = "card_id"
effective = "effective_at"

[column]
card_id      = { type = "text", title = "卡号", title_en = "Card number", class = "personal" }
effective_at = { type = "instant", title = "生效时间", title_en = "In force from" }
status       = { type = "text", title = "卡状态", title_en = "Status" }
valid_until  = { type = "date", title = "到期日期", title_en = "Valid until" }
"#;

/// Transactions, with a column of each type.
pub(super) const TRADE: &str = r#"
title = "交易"
title_en = "Trades"
doc = "One row per trade."
key = ["day", "trade_id"]
distribution = "trade_id"
indexes = [["card_id", "fee"]]

[column]
day      = { type = "date", title = "清分目标日", title_en = "Clearing day" }
trade_id = { type = "integer", title = "序号", title_en = "Number" }
card_id  = { type = "text", title = "卡号", title_en = "Card number", class = "personal" }
at       = { type = "instant", title = "交易时间", title_en = "Traded at", doc = "the lane's | clock" }
fee      = { type = "money", title = "金额", title_en = "Fee" }
rate     = { type = "decimal", precision = 5, scale = 3, title = "费率", title_en = "Rate" }
decision = { type = "integer", title = "争议原因", title_en = "Reason" }
"#;

/// One row per day.
pub(super) const TOTALS: &str = r#"
title = "合计"
title_en = "Totals"
key = ["day"]
distribution = "day"

[column]
day    = { type = "date", title = "日期", title_en = "Day" }
issuer = { type = "text", title = "发行方", title_en = "Issuer" }
number = { type = "integer", title = "报文号", title_en = "Message" }
made   = { type = "instant", title = "生成时间", title_en = "Made at" }
trades = { type = "integer", title = "笔数", title_en = "Trades" }
amount = { type = "money", title = "金额", title_en = "Amount" }
note   = { type = "text", title = "备注", title_en = "Note" }
"#;

/// A dataset and all problems of its text, as `line:column code: message (help)`.
pub(super) fn read(name: &str, text: &str) -> (Option<Dataset>, Vec<String>) {
    let mut problems = Problems::new();
    let source = Source::new(format!("{name}.toml"), text);
    let document = Document::parse(source, &mut problems);
    let dataset = Dataset::read(&document, &mut problems);
    (dataset, problems.lines_with_help())
}

pub(super) fn good(name: &str, text: &str) -> Dataset {
    let (dataset, problems) = read(name, text);
    assert_eq!(problems, Vec::<String>::new());
    dataset.expect("no problem, so a dataset")
}

pub(super) fn datasets() -> Datasets {
    [
        good("status", STATUS),
        good("trade", TRADE),
        good("totals", TOTALS),
    ]
    .into_iter()
    .collect()
}
