//! The data dictionary (数据字典), in Markdown, from the declarations alone.

use super::table::{Dataset, Datasets};
use crate::id::Ident;

/// All datasets by name, each with its columns in written order. The same declarations give the
/// same text.
pub fn dictionary(datasets: &Datasets) -> String {
    let mut out = vec![
        "# 数据字典 · Data dictionary".to_owned(),
        String::new(),
        "由数据集定义生成，勿手工修改。金额以分存储；时刻以 UTC 存储，精确到微秒。".to_owned(),
        "Generated from the datasets; do not edit. Money is stored in 分, instants in UTC to the microsecond."
            .to_owned(),
        String::new(),
        "每张表在下列各列之后另有来源列（整数，非空）：`lineage_file` 文件号，`lineage_record` 记录序号，\
         `lineage_offset` 起始字节，`lineage_length` 字节数。"
            .to_owned(),
        "Every table also has its lineage behind these columns: file number, record, first byte, bytes."
            .to_owned(),
        String::new(),
        "| 数据集 Dataset | 名称 Title | 列数 Columns |".to_owned(),
        "| --- | --- | --: |".to_owned(),
    ];
    for dataset in datasets.iter() {
        out.push(format!(
            "| [`{0}`](#{0}) | {1} {2} | {3} |",
            dataset.name(),
            cell(dataset.title()),
            cell(dataset.title_en()),
            dataset.columns().len()
        ));
    }
    for dataset in datasets.iter() {
        out.push(String::new());
        out.extend(section(dataset));
    }
    out.push(String::new());
    out.join("\n")
}

fn section(dataset: &Dataset) -> Vec<String> {
    let mut out = vec![
        format!("<a id=\"{}\"></a>", dataset.name()),
        String::new(),
        format!(
            "## {} · {} `{}`",
            dataset.title(),
            dataset.title_en(),
            dataset.name()
        ),
        String::new(),
    ];
    if let Some(doc) = dataset.doc() {
        out.extend([doc.to_owned(), String::new()]);
    }
    out.push(format!("- 主键 Key: {}", names(dataset.key())));
    out.push(format!(
        "- 分布列 Distribution: `{}`",
        dataset.distribution()
    ));
    for index in dataset.indexes() {
        out.push(format!("- 索引 Index: {}", names(index)));
    }
    if let Some(effective) = dataset.effective() {
        out.push(format!("- 生效起始列 In force from: `{effective}`"));
    }
    out.extend([
        String::new(),
        "| 列 Column | 类型 Type | 单位 Unit | 可空 Null | 个人信息 Class | 名称 Title | English | 说明 Note |"
            .to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ]);
    for column in dataset.columns() {
        let null = if dataset.is_nullable(column.name.as_str()) {
            "是"
        } else {
            "否"
        };
        out.push(format!(
            "| `{}` | {} | {} | {null} | {} | {} | {} | {} |",
            column.name,
            column.column_type,
            column.column_type.unit(),
            column.class.title(),
            cell(&column.title),
            cell(&column.title_en),
            cell(column.doc.as_deref().unwrap_or("")),
        ));
    }
    out
}

fn names(columns: &[Ident]) -> String {
    let columns: Vec<_> = columns.iter().map(|name| format!("`{name}`")).collect();
    columns.join(", ")
}

/// Text that stays in its table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
