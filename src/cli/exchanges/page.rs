//! `docs/EXCHANGES.md`, written from what is declared.

use std::fmt::Write as _;

use super::{Known, evidence_word};
use crate::job::{Direction, Exchange};

const HEAD: &str = "\
# 交换一览 · Exchanges

由作业、映射与样例生成（`ops/generate`），勿手工修改。
Generated from jobs, mappings and fixtures; do not edit.

- 依据 Evidence：`public` 按公开资料逐字构建；`profile` 为待替换的示例布局，以合同为准。
  `public` is built from public facts; `profile` stands in for a contract's own layout and is replaced by it.
- 样例 Fixtures：`fixtures/` 下的故事，`canonical` 为逐字节可读写的标准文件；⚠ 为恶意或错误文件。
  Stories of `dukou test`; `canonical` are files that are read and written byte for byte; ⚠ are hostile ones.
";

const TABLE: &str = "\
| 报文 Message | 名称 Title | 方向 | 格式 Format | 封装 Envelope | 依据 Evidence | 数据集 Dataset | 作业 Job | 样例 Fixtures |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
";

/// The page; the same declarations and fixtures give the same text.
pub(super) fn markdown(known: &Known<'_>) -> String {
    let mut page = HEAD.to_owned();
    let mut partner = None;
    for exchange in &known.exchanges {
        if partner != Some(&exchange.partner) {
            // Writing to a `String` cannot fail.
            let _ = write!(page, "\n## `{}`\n\n{TABLE}", exchange.partner);
            partner = Some(&exchange.partner);
        }
        page.push_str(&row(known, exchange));
    }
    let unused = known.configuration.unused_mappings();
    if !unused.is_empty() {
        page.push_str("\n## 尚无作业使用的映射 · Mappings that no job uses\n\n");
        for mapping in unused {
            let _ = writeln!(
                page,
                "- `{}` {} {} ({})",
                mapping.name,
                mapping.title,
                mapping.title_en,
                evidence_word(mapping.status)
            );
        }
    }
    page
}

fn row(known: &Known<'_>, exchange: &Exchange) -> String {
    let mapping = &exchange.mapping;
    let direction = match exchange.direction {
        Direction::In => "收 in",
        Direction::Out => "发 out",
    };
    let datasets: Vec<String> = exchange
        .datasets()
        .iter()
        .map(|name| format!("[`{name}`](reference/dictionary.md#{name})"))
        .collect();
    let mut fixtures = known.golden(exchange);
    let hostile = known.hostile(exchange);
    fixtures.extend(hostile.iter().map(|name| format!("⚠ {name}")));
    let cells = [
        format!("`{}`", mapping.name),
        format!("{} {}", mapping.title, mapping.title_en),
        direction.to_owned(),
        mapping.format.kind_name().to_owned(),
        exchange.envelopes.join(" + "),
        evidence_word(mapping.status).to_owned(),
        datasets.join(", "),
        format!("`{}`", exchange.job),
        fixtures.join(", "),
    ];
    let cells = cells.map(|cell| cell.trim().replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}
