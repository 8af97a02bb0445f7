//! States, outcomes and moments as operators read them.

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::dataset::ColumnType;
use crate::id::Fen;
use crate::ledger::{
    AnswerState, DeliveryRow, DeliveryState, DoneWhen, FileState, FinishState, Level, Purpose,
    RejectKind, RejectState, RunState,
};
use crate::value::Value;

/// What became of a file.
pub(super) fn file_state(state: FileState) -> &'static str {
    match state {
        FileState::Landed => "已落地",
        FileState::Loaded => "已载入",
        FileState::Held => "挂起待处理",
        FileState::Duplicate => "重复报文",
        FileState::Superseded => "已被取代",
        FileState::Refused => "已拒收",
    }
}

/// Whether a business answer is owed.
pub(super) fn answer_state(state: AnswerState) -> &'static str {
    match state {
        AnswerState::None => "不需要",
        AnswerState::Pending => "待生成",
        AnswerState::Done => "已生成",
    }
}

/// Whether a file is finished at the partner.
pub(super) fn finish_state(state: FinishState) -> &'static str {
    match state {
        FinishState::Pending => "待处理完毕",
        FinishState::Done => "处理完毕",
    }
}

/// What became of a reject.
pub(super) fn reject_state(state: RejectState) -> &'static str {
    match state {
        RejectState::Open => "未处理",
        RejectState::Repaired => "已修复",
        RejectState::Waived => "已豁免",
    }
}

/// Why a record was not loaded.
pub(super) fn reject_kind(kind: RejectKind) -> &'static str {
    match kind {
        RejectKind::Reject => "拒收",
        RejectKind::DuplicateKey => "主键重复",
    }
}

/// What became of a delivery.
pub(super) fn delivery_state(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Composed => "待生成",
        DeliveryState::Staged => "待发送",
        DeliveryState::Sent => "已送达",
        DeliveryState::Acknowledged => "已确认",
        DeliveryState::Refused => "对方拒绝",
        DeliveryState::Overdue => "逾期未确认",
        DeliveryState::Cancelled => "已取消",
    }
}

/// What became of one delivery, and whether the partner's word came late.
pub(super) fn delivery(row: &DeliveryRow) -> String {
    let state = delivery_state(row.state);
    let is_answered = matches!(
        row.state,
        DeliveryState::Acknowledged | DeliveryState::Refused
    );
    match is_answered && row.is_late() {
        true => format!("{state}（逾期）"),
        false => state.to_owned(),
    }
}

/// What a delivery is for.
pub(super) fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Confirmation => "确认应答",
        Purpose::BusinessAnswer => "业务应答",
        Purpose::Request => "请求",
        Purpose::Report => "报送",
    }
}

/// What proves that a delivery is done.
pub(super) fn done_when(done_when: DoneWhen) -> &'static str {
    match done_when {
        DoneWhen::Sent => "送达即完成",
        DoneWhen::Acknowledged => "须对方确认",
    }
}

/// What became of a run.
pub(super) fn run_state(state: RunState) -> &'static str {
    match state {
        RunState::Running => "执行中",
        RunState::Done => "完成",
        RunState::Rejects => "完成，有待处理",
        RunState::Failed => "失败",
        RunState::Interrupted => "中断",
    }
}

/// How much an event matters.
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Info => "提示",
        Level::Warning => "警告",
        Level::Alert => "报警",
    }
}

/// Yes or no.
pub(super) fn yes_no(is: bool) -> &'static str {
    if is { "是" } else { "否" }
}

/// A moment in the settings' zone, to the second.
pub(super) fn moment(clock: &Clock, at: DateTime<Utc>) -> String {
    clock.local(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment that may not have come; then nothing.
pub(super) fn moment_or_none(clock: &Clock, at: Option<DateTime<Utc>>) -> String {
    at.map(|at| moment(clock, at)).unwrap_or_default()
}

/// Something that may not be known; then nothing.
pub(super) fn or_none(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// An amount of 分 in yuan.
pub(super) fn yuan(fen: i64) -> String {
    Fen(fen).to_string()
}

/// A stored value as its column's type is read; a null is empty.
pub(super) fn value(clock: &Clock, column_type: ColumnType, value: &Value) -> String {
    match (column_type, value) {
        (_, Value::Null(_)) => String::new(),
        (ColumnType::Money, Value::Int(fen)) => yuan(*fen),
        (ColumnType::Decimal { scale, .. }, Value::Int(units)) => decimal(*units, scale),
        (_, Value::Int(number)) => number.to_string(),
        (_, Value::Text(text)) => text.clone(),
        (_, Value::Date(day)) => day.to_string(),
        (_, Value::Instant(at)) => moment(clock, *at),
        (_, Value::Bytes(bytes)) => format!("{} 字节", bytes.len()),
    }
}

/// Units of the last decimal, with the point.
fn decimal(units: i64, scale: u8) -> String {
    let scale = usize::from(scale);
    if scale == 0 {
        return units.to_string();
    }
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{decimals}")
}

/// A number of bytes.
pub(super) fn bytes(count: i64) -> String {
    let units = [(1_i64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units.into_iter().find(|(size, _)| count >= *size);
    match unit {
        Some((size, name)) => format!("{:.1} {name}", count as f64 / size as f64),
        None => format!("{count} B"),
    }
}

/// Bytes as text on one screen: what no encoding of text explains is written as `\xNN`, and
/// nothing moves the cursor.
pub(super) fn escaped(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        for char in chunk.valid().chars() {
            match char {
                '\n' => text.push('\n'),
                char if char.is_control() => text.extend(char.escape_default()),
                char => text.push(char),
            }
        }
        for byte in chunk.invalid() {
            text.extend(std::ascii::escape_default(*byte).map(char::from));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse_zone;
    use crate::value::Kind;

    fn clock() -> Clock {
        Clock::system(parse_zone("Asia/Shanghai").expect("a zone"))
    }

    #[test]
    fn values_read_as_their_columns_mean_them() {
        let at = "2026-03-09T16:30:00Z"
            .parse::<DateTime<Utc>>()
            .expect("a moment");
        for (column_type, stored, shown) in [
            (ColumnType::Money, Value::Int(123_456), "1234.56"),
            (ColumnType::Money, Value::Int(-5), "-0.05"),
            (ColumnType::Integer, Value::Int(42), "42"),
            (
                ColumnType::Decimal {
                    precision: 9,
                    scale: 3,
                },
                Value::Int(-1_005),
                "-1.005",
            ),
            (
                ColumnType::Decimal {
                    precision: 9,
                    scale: 3,
                },
                Value::Int(5),
                "0.005",
            ),
            (
                ColumnType::Decimal {
                    precision: 9,
                    scale: 0,
                },
                Value::Int(5),
                "5",
            ),
            (
                ColumnType::Instant,
                Value::Instant(at),
                "2026-03-10 00:30:00",
            ),
            (ColumnType::Text, Value::Null(Kind::Text), ""),
        ] {
            assert_eq!(value(&clock(), column_type, &stored), shown);
        }
    }

    #[test]
    fn raw_bytes_are_shown_without_moving_the_cursor() {
        assert_eq!(escaped("陕A\u{1b}[2J\n".as_bytes()), "陕A\\u{1b}[2J\n");
        assert_eq!(escaped(&[0xC9, 0xC2, b'A', 0]), "\\xc9\\xc2A\\u{0}");
    }

    #[test]
    fn sizes_are_read_in_one_look() {
        assert_eq!(
            [12, 2_048, 5 << 20, 3 << 30].map(bytes),
            ["12 B", "2.0 KiB", "5.0 MiB", "3.0 GiB"]
        );
    }
}
