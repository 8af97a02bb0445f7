//! Moments, amounts, values and raw bytes as operators read them.

use chrono::{DateTime, Utc};

use super::screen::Screen;
use super::words;
use crate::clock::Clock;
use crate::dataset::ColumnType;
use crate::id::Fen;
use crate::value::Value;

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
pub(super) fn value(
    screen: Screen,
    clock: &Clock,
    column_type: ColumnType,
    value: &Value,
) -> String {
    match (column_type, value) {
        (_, Value::Null(_)) => String::new(),
        (ColumnType::Money, Value::Int(fen)) => yuan(*fen),
        (ColumnType::Decimal { scale, .. }, Value::Int(units)) => decimal(*units, scale),
        (_, Value::Int(number)) => number.to_string(),
        (_, Value::Text(text)) => text.clone(),
        (_, Value::Date(day)) => day.to_string(),
        (_, Value::Instant(at)) => moment(clock, *at),
        (_, Value::Bytes(bytes)) => screen.fill(words::BYTE_COUNT, &[&bytes.len()]),
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
            assert_eq!(value(Screen::USUAL, &clock(), column_type, &stored), shown);
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
