//! One field: the text of a slot → a value of its column, or why not.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use regex::Regex;

use super::amount::AmountForm;
use super::codes::CodeTable;
use super::datetime::{HasTime, TimeFormat};
use super::identify::IdentifierPlan;
use super::mapper::{Cause, Context};
use super::time_of_day::{TimeOfDay, with_time};
use crate::dataset::{Class, mask};
use crate::diag::Code;
use crate::id::Fen;
use crate::record::WireRecord;
use crate::text::{Encoding, byte_width};
use crate::value::{Kind, Value, ValueRef};

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $zh:literal, $help:literal;)*) => {$(
        #[doc = $title]
        pub(super) const $name: Code = Code { id: $id, title: $title, title_zh: $zh, help: $help };
    )*};
}

codes! {
    MISSING_FIELD = "missing-field", "a required field is absent or empty", "必填字段缺失",
        "The record does not have the field, or has it empty. Ask the partner, or declare \
         `required = false` in the mapping when the field may be absent.";
    UNDECODABLE = "undecodable-text", "bytes that are not text of the declared encoding", "编码错误",
        "The bytes at the place said cannot be decoded strictly, or would not encode back to \
         themselves. Check the `encoding` of the mapping with the partner.";
    NOT_A_NUMBER = "not-a-number", "a field that must be a whole number is not", "不是整数",
        "Only digits with an optional leading minus sign are a number.";
    NOT_AN_AMOUNT = "not-an-amount", "a field that must be an amount is not", "金额格式错误",
        "In yuan an amount has exactly two decimals (123.45); in fen it has digits only. It is \
         never read as zero.";
    NOT_A_DATE = "not-a-date", "a field that must be a date or time is not", "日期时间格式错误",
        "The text must be exactly of a declared `format`, and the day must exist.";
    UNKNOWN_CODE = "code-not-in-table", "a code that the code table does not have", "未知代码",
        "Add the code to the table in mappings/codes, or ask the partner what it means. Unknown \
         codes are never passed through.";
    OUT_OF_RANGE = "field-out-of-range", "a number or amount outside its range", "超出取值范围",
        "The mapping's `min` and `max` say what is possible.";
    WRONG_LENGTH = "wrong-length", "a field that is too long or too short", "长度不符",
        "Lengths are in characters for `hex` and `digits` and in GB18030 bytes for `max_bytes`.";
    WRONG_VALUE = "wrong-value", "a field that must have a stated value has another", "取值不符",
        "The mapping states the values that are possible (`value`, `also`, `one_of`, `same_as`).";
    WRONG_CHARACTERS = "wrong-characters", "a field with characters that may not be there", "含非法字符",
        "Check `hex`, `digits` or `pattern` of the field; NUL is never allowed.";
}

/// The unit an amount is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `123.45`
    Yuan,
    /// `12345`
    Fen,
    /// Digits without a point, so many of them decimals of a yuan.
    Implied(u32),
    /// At most so many decimals, all of them a multiple of 分: 2 for yuan in a workbook, 6 for
    /// 万元 (`1.5` is 15,000 yuan).
    Decimals(u32),
    /// Yuan in a form of the partner's own.
    Formed(AmountForm),
}

/// What the text of a field becomes.
#[derive(Debug, Clone)]
pub enum FieldKind {
    /// A text, through a code table if there is one.
    Text(Option<Arc<CodeTable>>),
    /// A whole number within bounds.
    Int {
        /// The least possible.
        min: i64,
        /// The greatest possible.
        max: i64,
    },
    /// An amount within bounds, in 分.
    Money {
        /// How it is written.
        unit: Unit,
        /// The least possible.
        min: Fen,
        /// The greatest possible.
        max: Fen,
    },
    /// A scaled number: `1.25` at scale 2 is 125. At most `scale` decimals.
    Decimal {
        /// Decimals kept.
        scale: u32,
        /// Decimals written, without a point.
        implied: Option<u32>,
    },
    /// A day, in one of the formats; the first is written.
    Date(Vec<TimeFormat>),
    /// A moment in the partner's zone, in one of the formats; the first is written.
    Instant(Vec<TimeFormat>),
    /// One of these texts and nothing else; the first is written.
    Fixed(Vec<String>),
    /// The same value as another field of the record, by its index.
    SameAs(usize),
}

/// A rule about the text itself.
#[derive(Debug, Clone)]
pub enum TextCheck {
    /// Hexadecimal digits, of one of these lengths; kept in upper case.
    Hex(Vec<usize>),
    /// Exactly so many decimal digits.
    Digits(usize),
    /// One of these texts.
    OneOf(Vec<String>),
    /// At most so many bytes in GB18030 (a Chinese character is 2).
    MaxBytes(usize),
    /// The whole text matches.
    Pattern(Regex),
}

/// One part of a separated text, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Between the parts.
    pub separator: String,
    /// From 1.
    pub index: usize,
}

/// Where a field's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldSourcePlan {
    /// A slot of the record's layout.
    Slot(usize),
    /// A value of the surroundings: `file_name`, `business_date`, or one that the job sets.
    Context(String),
}

/// One field, checked.
#[derive(Debug, Clone)]
pub struct FieldPlan {
    /// The column's name, or a name of the mapping's own for a field that is not stored.
    pub name: String,
    /// The dataset column it fills, by index.
    pub column: Option<usize>,
    /// Where its text comes from.
    pub source: FieldSourcePlan,
    /// Only a part of that text; such a field is never written.
    pub part: Option<Part>,
    /// What the text becomes.
    pub kind: FieldKind,
    /// Of a moment whose text is only its day: where its time of day stands.
    pub time: Option<TimeOfDay>,
    /// Rules about the text.
    pub checks: Vec<TextCheck>,
    /// The kind of number it must be, if any; kept in upper case.
    pub identifier: Option<IdentifierPlan>,
    /// Whether a code that its table does not have is nothing, and noted, rather than refused.
    pub notes_unknown_codes: bool,
    /// Whether a record without it is refused.
    pub required: bool,
    /// Whether an empty text is a text (`""`) rather than absent.
    pub keep_empty: bool,
    /// What an unreadable field says about the file.
    pub cause: Cause,
    /// How its value is shown in messages.
    pub class: Class,
}

/// A value just read; texts lie in the mapper's scratch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scratch {
    Null,
    Int(i64),
    Date(NaiveDate),
    Instant(DateTime<Utc>),
    Text(Range<usize>),
}

/// Why a field cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static Code,
    pub(super) detail: String,
}

fn undecodable(found: &impl ToString) -> Fault {
    Fault {
        code: &UNDECODABLE,
        detail: found.to_string(),
    }
}

impl FieldPlan {
    /// Reads the field of a record; texts are appended to `texts`.
    pub(super) fn read(
        &self,
        record: &WireRecord,
        context: &Context<'_>,
        texts: &mut String,
    ) -> Result<Scratch, Fault> {
        let whole = match &self.source {
            FieldSourcePlan::Slot(slot) => {
                record.text(*slot).map_err(|found| undecodable(&found))?
            }
            FieldSourcePlan::Context(name) => context.value(name),
        };
        let Some(text) = whole.and_then(|text| self.cut(text)) else {
            return self.absent();
        };
        if text.is_empty() && !self.keep_empty && !matches!(self.kind, FieldKind::Fixed(_)) {
            return self.absent();
        }
        if !self.checks.is_empty() {
            let width = self.known_width(record);
            self.checks
                .iter()
                .try_for_each(|check| self.check(check, text, width))?;
        }
        let time = match &self.time {
            Some(TimeOfDay::Slot { slot, .. }) => {
                record.text(*slot).map_err(|found| undecodable(&found))?
            }
            _ => None,
        };
        self.value((text, time), context, texts)
    }

    /// The text's bytes in GB18030 where the record has them; otherwise they have to be counted.
    fn known_width(&self, record: &WireRecord) -> Option<usize> {
        let is_gb = matches!(record.encoding(), Encoding::Gbk | Encoding::Gb18030);
        match (&self.source, &self.part) {
            (FieldSourcePlan::Slot(slot), None) if is_gb => record.width(*slot),
            _ => None,
        }
    }

    /// A value of the surroundings as this field would have it: days also as `2026-03-01` and
    /// `20260301`, whatever the field's own format is. `None` when it is none.
    pub(super) fn outside(&self, text: &str, context: &Context<'_>) -> Option<Value> {
        if let FieldKind::Date(_) = self.kind {
            let day = ["%Y-%m-%d", "%Y%m%d"].iter().find_map(|format| {
                let format = TimeFormat::new(format, HasTime::No).ok()?;
                format.read(text)
            });
            if let Some(day) = day {
                return Some(Value::Date(day.date()));
            }
        }
        let mut texts = String::new();
        let scratch = self.value((text, None), context, &mut texts).ok()?;
        Some(scratch.value(&texts, Kind::Text).to_owned())
    }

    fn cut<'t>(&self, text: &'t str) -> Option<&'t str> {
        match &self.part {
            None => Some(text),
            Some(part) => text.split(part.separator.as_str()).nth(part.index - 1),
        }
    }

    fn absent(&self) -> Result<Scratch, Fault> {
        if self.required {
            let detail = "the field is absent or empty".to_owned();
            return Err(Fault {
                code: &MISSING_FIELD,
                detail,
            });
        }
        Ok(Scratch::Null)
    }

    fn check(&self, check: &TextCheck, text: &str, width: Option<usize>) -> Result<(), Fault> {
        match check {
            TextCheck::Hex(lengths) => {
                if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(self.fault(&WRONG_CHARACTERS, text, "hexadecimal digits"));
                }
                self.length(text, lengths.contains(&text.len()), || {
                    lengths_text(lengths)
                })
            }
            TextCheck::Digits(length) => {
                if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(self.fault(&WRONG_CHARACTERS, text, "digits"));
                }
                self.length(text, text.len() == *length, || format!("{length} digits"))
            }
            TextCheck::OneOf(values) if values.iter().any(|value| value == text) => Ok(()),
            TextCheck::OneOf(values) => {
                Err(self.fault(&WRONG_VALUE, text, &format!("one of {}", values.join(", "))))
            }
            TextCheck::MaxBytes(max) => {
                let width = width.or_else(|| byte_width(text, Encoding::Gb18030));
                let fits = width.is_some_and(|width| width <= *max);
                self.length(text, fits, || format!("at most {max} bytes in GB18030"))
            }
            TextCheck::Pattern(pattern) if pattern.is_match(text) => Ok(()),
            TextCheck::Pattern(pattern) => {
                Err(self.fault(&WRONG_CHARACTERS, text, &format!("text like `{pattern}`")))
            }
        }
    }

    fn length(
        &self,
        text: &str,
        fits: bool,
        expected: impl FnOnce() -> String,
    ) -> Result<(), Fault> {
        if fits {
            Ok(())
        } else {
            Err(self.fault(&WRONG_LENGTH, text, &expected()))
        }
    }

    /// The value of a text; `time` is that of a moment whose time of day stands elsewhere.
    fn value(
        &self,
        (text, time): (&str, Option<&str>),
        context: &Context<'_>,
        texts: &mut String,
    ) -> Result<Scratch, Fault> {
        match &self.kind {
            FieldKind::Text(codes) => self.text(text, codes.as_deref(), texts),
            FieldKind::Int { min, max } => {
                let value = read_int(text)
                    .ok_or_else(|| self.fault(&NOT_A_NUMBER, text, "a whole number"))?;
                self.range(text, value, *min, *max, |bound| bound.to_string())
            }
            FieldKind::Money { unit, min, max } => {
                let read = match unit {
                    Unit::Yuan => Fen::from_yuan(text),
                    Unit::Fen => Fen::from_fen(text),
                    Unit::Implied(decimals) => match rescaled(text, *decimals, 2) {
                        Some(fen) => Ok(Fen(fen)),
                        None => return Err(self.fault(&NOT_AN_AMOUNT, text, &implied(*decimals))),
                    },
                    Unit::Formed(form) => match form.read(text) {
                        Some(fen) => Ok(fen),
                        None => return Err(self.fault(&NOT_AN_AMOUNT, text, &form.example())),
                    },
                    Unit::Decimals(decimals) => {
                        let expected = || format!("an amount with at most {decimals} decimals");
                        let fen = read_decimal(text, *decimals);
                        Ok(Fen(fen.ok_or_else(|| {
                            self.fault(&NOT_AN_AMOUNT, text, &expected())
                        })?))
                    }
                };
                let value = read.map_err(|found| Fault {
                    code: &NOT_AN_AMOUNT,
                    detail: format!("found {}: {found}", self.shown(text)),
                })?;
                self.range(text, value.0, min.0, max.0, |bound| Fen(bound).to_string())
            }
            FieldKind::Decimal {
                scale,
                implied: Some(decimals),
            } => rescaled(text, *decimals, *scale)
                .map(Scratch::Int)
                .ok_or_else(|| self.fault(&NOT_A_NUMBER, text, &implied(*decimals))),
            FieldKind::Decimal { scale, .. } => {
                read_decimal(text, *scale).map(Scratch::Int).ok_or_else(|| {
                    self.fault(&NOT_A_NUMBER, text, &format!("at most {scale} decimals"))
                })
            }
            FieldKind::Date(formats) => formats
                .iter()
                .find_map(|format| format.read(text))
                .map(|moment| Scratch::Date(moment.date()))
                .ok_or_else(|| self.fault(&NOT_A_DATE, text, &format_list(formats))),
            FieldKind::Instant(formats) => {
                let local = formats
                    .iter()
                    .find_map(|format| format.read(text))
                    .ok_or_else(|| self.fault(&NOT_A_DATE, text, &format_list(formats)))?;
                let local = with_time(self.time.as_ref(), local, time)?;
                context
                    .clock
                    .instant_of(local)
                    .map(Scratch::Instant)
                    .map_err(|found| Fault {
                        code: &NOT_A_DATE,
                        detail: format!("found {}: {found}", self.shown(text)),
                    })
            }
            FieldKind::Fixed(values) if values.iter().any(|value| value == text) => {
                Ok(push_text(texts, text))
            }
            FieldKind::Fixed(values) => {
                Err(self.fault(&WRONG_VALUE, text, &format!("`{}`", values.join("` or `"))))
            }
            FieldKind::SameAs(_) => Ok(push_text(texts, text)),
        }
    }

    fn text(
        &self,
        text: &str,
        codes: Option<&CodeTable>,
        texts: &mut String,
    ) -> Result<Scratch, Fault> {
        if has_nul(text) {
            return Err(Fault {
                code: &WRONG_CHARACTERS,
                detail: "the text has a NUL character".to_owned(),
            });
        }
        if let Some(codes) = codes {
            if self.notes_unknown_codes && codes.canonical(text).is_none() {
                return Ok(Scratch::Null);
            }
            let canonical = codes.canonical(text).ok_or_else(|| {
                self.fault(&UNKNOWN_CODE, text, &format!("one of {}", codes.known()))
            })?;
            return Ok(push_text(texts, canonical));
        }
        let scratch = push_text(texts, text);
        let is_hex = self
            .checks
            .iter()
            .any(|check| matches!(check, TextCheck::Hex(_)));
        if let (true, Scratch::Text(range)) = (is_hex, &scratch)
            && let Some(kept) = texts.get_mut(range.clone())
        {
            kept.make_ascii_uppercase();
        }
        Ok(scratch)
    }

    fn range(
        &self,
        text: &str,
        value: i64,
        min: i64,
        max: i64,
        shown: impl Fn(i64) -> String,
    ) -> Result<Scratch, Fault> {
        if value < min {
            return Err(self.fault(&OUT_OF_RANGE, text, &format!("at least {}", shown(min))));
        }
        if value > max {
            return Err(self.fault(&OUT_OF_RANGE, text, &format!("at most {}", shown(max))));
        }
        Ok(Scratch::Int(value))
    }

    fn fault(&self, code: &'static Code, found: &str, expected: &str) -> Fault {
        Fault {
            code,
            detail: format!("found {}, expected {expected}", self.shown(found)),
        }
    }

    /// The text as a message may show it: masked when personal, at most 40 characters.
    pub(super) fn shown(&self, text: &str) -> String {
        let text = mask(self.class, text);
        let mut chars = text.chars();
        let mut short: String = chars.by_ref().take(40).collect();
        if chars.next().is_some() {
            short.push('…');
        }
        format!(
            "`{}`",
            short.escape_debug().collect::<String>().replace("\\'", "'")
        )
    }
}

impl Scratch {
    /// The value, its text borrowed from `texts`; `kind` is the column's.
    pub(super) fn value<'t>(&self, texts: &'t str, kind: crate::value::Kind) -> ValueRef<'t> {
        match self {
            Self::Null => ValueRef::Null(kind),
            Self::Int(value) => ValueRef::Int(*value),
            Self::Date(value) => ValueRef::Date(*value),
            Self::Instant(value) => ValueRef::Instant(*value),
            Self::Text(range) => ValueRef::Text(texts.get(range.clone()).unwrap_or_default()),
        }
    }
}

/// Looks at every byte: for the few that a field has, quicker than a search that may stop early.
fn has_nul(text: &str) -> bool {
    text.bytes()
        .fold(0, |found, byte| found | u8::from(byte == 0))
        != 0
}

pub(super) fn push_text(texts: &mut String, text: &str) -> Scratch {
    let start = texts.len();
    texts.push_str(text);
    Scratch::Text(start..texts.len())
}

/// Digits with an optional minus sign; no plus, no blanks, no overflow.
fn read_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A number whose last `from` digits are decimals, as one with `to` of them; none may be lost.
fn rescaled(text: &str, from: u32, to: u32) -> Option<i64> {
    let number = read_int(text)?;
    if from <= to {
        return number.checked_mul(10_i64.checked_pow(to - from)?);
    }
    let unit = 10_i64.checked_pow(from - to)?;
    (number % unit == 0).then(|| number / unit)
}

fn implied(decimals: u32) -> String {
    format!("digits whose last {decimals} are decimals, of which none is lost")
}

pub(super) fn read_decimal(text: &str, scale: u32) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > scale as usize || (decimals.is_empty() && text.ends_with('.')) {
        return None;
    }
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let negative = whole.starts_with('-');
    let padded = format!("{decimals:0<width$}", width = scale as usize);
    let decimals = if padded.is_empty() {
        0
    } else {
        read_int(&padded)?
    };
    let whole = read_int(whole)?.checked_mul(10_i64.checked_pow(scale)?)?;
    if negative {
        whole.checked_sub(decimals)
    } else {
        whole.checked_add(decimals)
    }
}

fn lengths_text(lengths: &[usize]) -> String {
    let all: Vec<String> = lengths.iter().map(ToString::to_string).collect();
    format!("{} hexadecimal digits", all.join(" or "))
}

fn format_list(formats: &[TimeFormat]) -> String {
    let all: Vec<&str> = formats.iter().map(TimeFormat::as_str).collect();
    format!("a date or time like `{}`", all.join("` or `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_has_digits_only() {
        assert_eq!(read_int("0012"), Some(12));
        assert_eq!(read_int("-5"), Some(-5));
        for bad in [
            "",
            "-",
            "+5",
            "1.0",
            "1e3",
            " 1",
            "１",
            "9223372036854775808",
        ] {
            assert_eq!(read_int(bad), None, "{bad}");
        }
    }

    #[test]
    fn decimals_without_a_point_are_scaled_and_none_is_lost() {
        assert_eq!(rescaled("0001250", 2, 2), Some(1250));
        assert_eq!(rescaled("12", 0, 2), Some(1200));
        assert_eq!(rescaled("-12340", 3, 2), Some(-1234));
        for bad in ["12345", "1.20", "", "12 "] {
            assert_eq!(rescaled(bad, 3, 2), None, "{bad}");
        }
        assert_eq!(rescaled("9223372036854775807", 0, 2), None);
    }

    #[test]
    fn a_decimal_is_scaled_and_never_rounded() {
        assert_eq!(read_decimal("1.25", 2), Some(125));
        assert_eq!(read_decimal("1", 2), Some(100));
        assert_eq!(read_decimal("-0.5", 2), Some(-50));
        for bad in ["1.255", "1.", ".5", "1.2x", "", "-"] {
            assert_eq!(read_decimal(bad, 2), None, "{bad}");
        }
    }
}
