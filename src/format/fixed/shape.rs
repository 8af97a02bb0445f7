//! The shape of one field: its bytes ⇄ the text of its value.
//!
//! Reading takes pads off and brings the sign of a number to the front; what remains is decoded
//! and judged by the mapping. The one invariant: what `write` makes, `read` gives back.

use std::collections::BTreeMap;

/// How a value stands in its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) align: Align,
    pub(super) pad: u8,
    /// Numbers only.
    pub(super) sign: Option<Sign>,
}

/// On which side of its field a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// How a number shows that it is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It cannot be.
    None,
    /// `-` before the digits, nothing for a positive number: `-0012`, `00012`.
    Minus,
    /// The first byte is `+` or `-`.
    Leading,
    /// The first byte is `-` or a blank.
    LeadingMinus,
    /// The last byte is `+` or `-`.
    Trailing,
    /// The last byte is `-` or a blank.
    TrailingMinus,
    /// The last digit carries it: `{ABCDEFGHI` are 0 to 9, `}JKLMNOPQR` are -0 to -9.
    Overpunch,
}

const POSITIVE: &[u8; 10] = b"{ABCDEFGHI";
const NEGATIVE: &[u8; 10] = b"}JKLMNOPQR";

/// A number whose sign is not of the declared form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrongSign;

impl Style {
    /// The styles of fields whose columns name none.
    pub(super) fn defaults() -> BTreeMap<String, Self> {
        BTreeMap::from([
            ("text".to_owned(), Self::text()),
            ("number".to_owned(), Self::number()),
        ])
    }

    /// Left, with blanks.
    pub(super) fn text() -> Self {
        Self {
            align: Align::Left,
            pad: b' ',
            sign: None,
        }
    }

    /// Right, with zeros, a minus sign before a negative number.
    pub(super) fn number() -> Self {
        Self {
            align: Align::Right,
            pad: b'0',
            sign: Some(Sign::Minus),
        }
    }

    /// The value's bytes in a field; empty for a field that has none. A text lies in the field, a
    /// number in `scratch`.
    pub(super) fn read<'a>(
        &self,
        field: &'a [u8],
        scratch: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], WrongSign> {
        let Some(sign) = self.sign else {
            return Ok(self.unpadded(field));
        };
        scratch.clear();
        if field.iter().any(|byte| *byte != b' ') {
            self.number_into(sign, field, scratch)?;
        }
        Ok(scratch)
    }

    /// Appends the text of a number: `-` if it is negative, and its digits without pads.
    fn number_into(&self, sign: Sign, field: &[u8], out: &mut Vec<u8>) -> Result<(), WrongSign> {
        let field = match self.align {
            // A number's pads on the right are never digits: a checked style has none such.
            Align::Left => self.unpadded(field),
            Align::Right => field,
        };
        let (is_negative, digits, last) = self.parted(sign, field)?;
        if is_negative {
            out.push(b'-');
        }
        let start = out.len();
        out.extend_from_slice(self.without_pads(digits));
        out.extend(last);
        let digits = out.get(start..).unwrap_or_default();
        if digits.is_empty() || digits.iter().any(|byte| matches!(byte, b'-' | b'+')) {
            return Err(WrongSign);
        }
        let zeros = digits.len() - zeros_off(digits).len();
        out.drain(start..start + zeros);
        Ok(())
    }

    /// Whether a number is negative, its digits with their pads, and a last digit that stood
    /// together with the sign.
    fn parted<'a>(
        &self,
        sign: Sign,
        field: &'a [u8],
    ) -> Result<(bool, &'a [u8], Option<u8>), WrongSign> {
        match sign {
            Sign::None => Ok((false, field, None)),
            Sign::Minus => {
                let is_zero_padded = self.pad == b'0';
                let rest = if is_zero_padded {
                    field
                } else {
                    self.without_pads(field)
                };
                Ok(match rest.split_first() {
                    Some((b'-', digits)) => (true, digits, None),
                    _ => (false, rest, None),
                })
            }
            Sign::Leading | Sign::LeadingMinus => {
                let (first, digits) = field.split_first().ok_or(WrongSign)?;
                Ok((is_minus(sign, *first)?, digits, None))
            }
            Sign::Trailing | Sign::TrailingMinus => {
                let (last, digits) = field.split_last().ok_or(WrongSign)?;
                Ok((is_minus(sign, *last)?, digits, None))
            }
            Sign::Overpunch => {
                let (last, digits) = field.split_last().ok_or(WrongSign)?;
                let (is_negative, digit) = punched(*last)?;
                Ok((is_negative, digits, Some(digit)))
            }
        }
    }

    /// A text without its pads.
    fn unpadded<'a>(&self, field: &'a [u8]) -> &'a [u8] {
        let is_value = |byte: &u8| *byte != self.pad;
        match self.align {
            Align::Left => {
                let end = field.iter().rposition(is_value).map_or(0, |last| last + 1);
                field.get(..end).unwrap_or_default()
            }
            Align::Right => {
                let start = field.iter().position(is_value).unwrap_or(field.len());
                field.get(start..).unwrap_or_default()
            }
        }
    }

    /// A number without the pads before it; zeros are taken off later.
    fn without_pads<'a>(&self, digits: &'a [u8]) -> &'a [u8] {
        if self.pad == b'0' || self.align == Align::Left {
            return digits;
        }
        let is_value = |byte: &u8| *byte != self.pad;
        let start = digits.iter().position(is_value).unwrap_or(digits.len());
        digits.get(start..).unwrap_or_default()
    }

    /// A field of `length` bytes with a value's bytes in it, or without a value when there are
    /// none; the message says why it cannot be.
    pub(super) fn written(&self, value: &[u8], length: usize) -> Result<Vec<u8>, String> {
        let mut field = Vec::with_capacity(length);
        match self.sign {
            None => self.pad_to(value, &[], &[], length, &mut field)?,
            Some(_) if value.is_empty() => field.resize(length, b' '),
            Some(sign) => self.write_number(sign, value, length, &mut field)?,
        }
        let mut scratch = Vec::new();
        match self.read(&field, &mut scratch) {
            Ok(back) if back == value => Ok(field),
            Ok(back) => Err(format!(
                "would be read back as `{}`, because the field is padded with `{}`",
                String::from_utf8_lossy(back).escape_debug(),
                char::from(self.pad)
            )),
            Err(WrongSign) => Err("is no number that the field can hold".to_owned()),
        }
    }

    fn write_number(
        &self,
        sign: Sign,
        value: &[u8],
        length: usize,
        line: &mut Vec<u8>,
    ) -> Result<(), String> {
        let (is_negative, digits) = match value.split_first() {
            Some((b'-', digits)) => (true, digits),
            _ => (false, value),
        };
        let minus_or = |other: &'static [u8]| if is_negative { &b"-"[..] } else { other };
        match sign {
            Sign::None if is_negative => {
                Err("is negative, and the field's numbers have no sign".to_owned())
            }
            Sign::None => self.pad_to(digits, &[], &[], length, line),
            Sign::Minus => {
                let sign = minus_or(b"");
                if self.pad == b'0' {
                    self.pad_to(digits, sign, &[], length, line)
                } else {
                    self.pad_to(value, &[], &[], length, line)
                }
            }
            Sign::Leading => self.pad_to(digits, minus_or(b"+"), &[], length, line),
            Sign::LeadingMinus => self.pad_to(digits, minus_or(b" "), &[], length, line),
            Sign::Trailing => self.pad_to(digits, &[], minus_or(b"+"), length, line),
            Sign::TrailingMinus => self.pad_to(digits, &[], minus_or(b" "), length, line),
            Sign::Overpunch => {
                let (last, rest) = digits.split_last().unwrap_or((&b'0', &[]));
                let table = if is_negative { NEGATIVE } else { POSITIVE };
                let digit = last.checked_sub(b'0').map(usize::from);
                let Some(punched) = digit.and_then(|digit| table.get(digit)) else {
                    return Err("is no number that the field can hold".to_owned());
                };
                self.pad_to(rest, &[], &[*punched], length, line)
            }
        }
    }

    /// `before`, the value padded, `after`, together `length` bytes.
    fn pad_to(
        &self,
        value: &[u8],
        before: &[u8],
        after: &[u8],
        length: usize,
        line: &mut Vec<u8>,
    ) -> Result<(), String> {
        let needed = before.len() + value.len() + after.len();
        let Some(pads) = length.checked_sub(needed) else {
            return Err(format!("has {needed} bytes, the field has {length}"));
        };
        line.extend_from_slice(before);
        let start = line.len();
        if self.align == Align::Right {
            line.resize(start + pads, self.pad);
        }
        line.extend_from_slice(value);
        // Of a left-aligned number the sign stands with the digits.
        line.extend_from_slice(after);
        if self.align == Align::Left {
            line.resize(line.len() + pads, self.pad);
        }
        Ok(())
    }
}

fn is_minus(sign: Sign, byte: u8) -> Result<bool, WrongSign> {
    match (sign, byte) {
        (_, b'-') => Ok(true),
        (Sign::Leading | Sign::Trailing, b'+')
        | (Sign::LeadingMinus | Sign::TrailingMinus, b' ') => Ok(false),
        _ => Err(WrongSign),
    }
}

/// Whether a last digit is negative, and the digit.
fn punched(byte: u8) -> Result<(bool, u8), WrongSign> {
    let digit = |table: &[u8; 10]| table.iter().position(|other| *other == byte);
    let of = |at: usize| b'0' + at as u8;
    match (byte, digit(POSITIVE), digit(NEGATIVE)) {
        (b'0'..=b'9', _, _) => Ok((false, byte)),
        (_, Some(at), _) => Ok((false, of(at))),
        (_, _, Some(at)) => Ok((true, of(at))),
        _ => Err(WrongSign),
    }
}

/// A number without the zeros that say nothing.
fn zeros_off(digits: &[u8]) -> &[u8] {
    let mut rest = digits;
    while let [b'0', after @ ..] = rest
        && after.first().is_some_and(u8::is_ascii_digit)
    {
        rest = after;
    }
    rest
}
