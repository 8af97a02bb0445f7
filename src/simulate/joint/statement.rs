//! What a joint day has, and what was planted in it.

use std::fmt::Write as _;

use serde::Serialize;

use crate::id::Fen;

/// A file of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileFigure {
    /// The partner.
    pub partner: String,
    /// Below the partner's folder.
    pub path: String,
    /// The mapping it was written with.
    pub mapping: String,
    /// Records by kind.
    pub records: Vec<(String, u64)>,
    /// The sums of its money columns in 分, by record and column.
    pub sums: Vec<(String, i64)>,
}

/// A disagreement that was planted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planted {
    /// The partner who tells it otherwise.
    pub partner: String,
    /// In which file.
    pub path: String,
    /// What it is.
    pub title: String,
    /// The row of the world's table that it is about.
    pub row: u64,
}

/// The statement of a joint day, computed from the plan and never by reading back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JointStatement {
    /// Rows of the world by table.
    pub world: Vec<(String, usize)>,
    /// Every file.
    pub files: Vec<FileFigure>,
    /// Every disagreement.
    pub planted: Vec<Planted>,
}

impl JointStatement {
    /// In Chinese, for people.
    pub fn text(&self) -> String {
        let mut text = "联合日\n\n世界\n".to_owned();
        for (table, rows) in &self.world {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "  {table} {rows} 行");
        }
        text.push_str("\n各方文件\n");
        for file in &self.files {
            let records: Vec<String> = file
                .records
                .iter()
                .map(|(name, count)| format!("{name} {count} 条"))
                .chain(
                    file.sums
                        .iter()
                        .map(|(name, fen)| format!("{name} 合计 {} 元", Fen(*fen))),
                )
                .collect();
            let _ = writeln!(
                text,
                "  {}/{}  {}",
                file.partner,
                file.path,
                records.join("，")
            );
        }
        text.push_str("\n埋设的差异\n");
        for one in &self.planted {
            let _ = writeln!(
                text,
                "  {}/{} 第 {} 行：{}",
                one.partner, one.path, one.row, one.title
            );
        }
        if self.planted.is_empty() {
            text.push_str("  无\n");
        }
        text
    }
}
