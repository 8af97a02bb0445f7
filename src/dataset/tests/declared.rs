//! What comes from a declaration alone: tables, indexes, the dictionary.

use super::{STATUS, TRADE, good};
use crate::dataset::{Datasets, dictionary};
use crate::db::Dialect;

#[test]
fn a_dataset_becomes_a_clustered_table_with_lineage_on_sqlite() {
    assert_eq!(
        good("trade", TRADE).ddl(Dialect::Sqlite).join(";\n"),
        r#"CREATE TABLE "trade" (
  "day" TEXT NOT NULL,
  "trade_id" INTEGER NOT NULL,
  "card_id" TEXT,
  "at" INTEGER,
  "fee" INTEGER,
  "rate" INTEGER,
  "decision" INTEGER,
  "lineage_file" INTEGER NOT NULL,
  "lineage_record" INTEGER NOT NULL,
  "lineage_offset" INTEGER NOT NULL,
  "lineage_length" INTEGER NOT NULL,
  PRIMARY KEY ("day", "trade_id")
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS "ix_trade_card_id_fee" ON "trade" ("card_id", "fee");
CREATE INDEX IF NOT EXISTS "ix_trade_lineage_file" ON "trade" ("lineage_file")"#
    );
}

#[test]
fn a_dataset_becomes_a_table_with_lineage_on_postgres() {
    assert_eq!(
        good("trade", TRADE).ddl(Dialect::Postgres).join(";\n"),
        r#"CREATE TABLE "trade" (
  "day" DATE NOT NULL,
  "trade_id" BIGINT NOT NULL,
  "card_id" TEXT COLLATE "C",
  "at" TIMESTAMPTZ,
  "fee" BIGINT,
  "rate" BIGINT,
  "decision" BIGINT,
  "lineage_file" BIGINT NOT NULL,
  "lineage_record" BIGINT NOT NULL,
  "lineage_offset" BIGINT NOT NULL,
  "lineage_length" BIGINT NOT NULL,
  PRIMARY KEY ("day", "trade_id")
);
CREATE INDEX IF NOT EXISTS "ix_trade_card_id_fee" ON "trade" ("card_id", "fee");
CREATE INDEX IF NOT EXISTS "ix_trade_lineage_file" ON "trade" ("lineage_file")"#
    );
}

#[test]
fn a_long_index_name_is_cut_to_what_both_databases_keep() {
    let column = "a_rather_long_name_of_a_column_of_this_dataset";
    let text = TRADE
        .replace("card_id", column)
        .replace("\"fee\"]]", "\"fee\"], [\"COLUMN\", \"at\"]]")
        .replace("COLUMN", column);
    let ddl = good("trade", &text).ddl(Dialect::Postgres);
    let names: Vec<&str> = ddl
        .iter()
        .filter_map(|sql| sql.split('"').nth(1))
        .filter(|name| name.starts_with("ix_"))
        .collect();
    assert_eq!(
        names,
        [
            "ix_trade_a_rather_long_name_of_a_column_of_this_dataset_fee",
            "ix_trade_a_rather_long_name_of_a_column_of_this_dataset_at",
            "ix_trade_lineage_file"
        ]
    );
}

#[test]
fn the_dictionary_tells_every_column_with_type_unit_and_class() {
    let datasets: Datasets = [good("trade", TRADE), good("status", STATUS)]
        .into_iter()
        .collect();
    assert_eq!(
        dictionary(&datasets),
        r#"# 数据字典 · Data dictionary

由数据集定义生成，勿手工修改。金额以分存储；时刻以 UTC 存储，精确到微秒。
Generated from the datasets; do not edit. Money is stored in 分, instants in UTC to the microsecond.

每张表在下列各列之后另有来源列（整数，非空）：`lineage_file` 文件号，`lineage_record` 记录序号，`lineage_offset` 起始字节，`lineage_length` 字节数。
Every table also has its lineage behind these columns: file number, record, first byte, bytes.

| 数据集 Dataset | 名称 Title | 列数 Columns |
| --- | --- | --: |
| [`status`](#status) | 卡状态 Card status | 4 |
| [`trade`](#trade) | 交易 Trades | 7 |

<a id="status"></a>

## 卡状态 · Card status `status`

- 主键 Key: `card_id`, `effective_at`
- 分布列 Distribution: `card_id`
- 生效起始列 In force from: `effective_at`

| 列 Column | 类型 Type | 单位 Unit | 可空 Null | 个人信息 Class | 名称 Title | English | 说明 Note |
| --- | --- | --- | --- | --- | --- | --- | --- |
| `card_id` | text |  | 否 | 个人信息 | 卡号 | Card number |  |
| `effective_at` | instant | UTC 微秒 | 否 | 无 | 生效时间 | In force from |  |
| `status` | text |  | 是 | 无 | 卡状态 | Status |  |
| `valid_until` | date |  | 是 | 无 | 到期日期 | Valid until |  |

<a id="trade"></a>

## 交易 · Trades `trade`

One row per trade.

- 主键 Key: `day`, `trade_id`
- 分布列 Distribution: `trade_id`
- 索引 Index: `card_id`, `fee`

| 列 Column | 类型 Type | 单位 Unit | 可空 Null | 个人信息 Class | 名称 Title | English | 说明 Note |
| --- | --- | --- | --- | --- | --- | --- | --- |
| `day` | date |  | 否 | 无 | 清分目标日 | Clearing day |  |
| `trade_id` | integer |  | 否 | 无 | 序号 | Number |  |
| `card_id` | text |  | 是 | 个人信息 | 卡号 | Card number |  |
| `at` | instant | UTC 微秒 | 是 | 无 | 交易时间 | Traded at | the lane's \| clock |
| `fee` | money | 分 | 是 | 无 | 金额 | Fee |  |
| `rate` | decimal(5,3) |  | 是 | 无 | 费率 | Rate |  |
| `decision` | integer |  | 是 | 无 | 争议原因 | Reason |  |
"#
    );
}
