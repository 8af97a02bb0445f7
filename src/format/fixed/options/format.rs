//! Reads `[format.fixed]`.

use std::collections::BTreeMap;

use crate::diag::{Problem, Problems};
use crate::document::{Item, Section};
use crate::format::fixed::codes::FIXED_OPTION;
use crate::format::fixed::plan::{
    BlankLines, EndOfFileMark, FinalLineEnd, FixedPlan, Gaps, LineEnd, LongLines, ShortLines,
};
use crate::format::fixed::shape::{Align, Sign, Style};
use crate::text::Encoding;

impl FixedPlan {
    /// Reads `[format.fixed]`, a table checked against [`FORMAT_KEYS`](super::FORMAT_KEYS).
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let before = problems.error_count();
        let word = |name| section.word(name).map(|item| item.value);
        // All of what is wrong is said, also when the encoding is not known.
        let encoding: Option<Encoding> = word("encoding").and_then(|name| name.parse().ok());
        let or_utf8 = encoding.unwrap_or(Encoding::Utf8);
        let plan = Self {
            encoding: or_utf8,
            line_end: match word("line_end") {
                Some("lf") => LineEnd::Lf,
                Some("crlf") => LineEnd::Crlf,
                Some("none") => LineEnd::None,
                _ => LineEnd::Any,
            },
            final_line_end: match word("final_line_end") {
                Some("required") => FinalLineEnd::Required,
                Some("omitted") => FinalLineEnd::Omitted,
                _ => FinalLineEnd::Optional,
            },
            blank_lines: match word("blank_lines") {
                Some("skip") => BlankLines::Skip,
                _ => BlankLines::Refuse,
            },
            length: section.count("length").map(|item| item.value as usize),
            between: (section.text("between"))
                .and_then(|item| one_byte(&item, "the byte between columns", problems)),
            gaps: match word("gaps") {
                Some("blank") => Gaps::Blank,
                _ => Gaps::Ignore,
            },
            short_lines: match word("short_lines") {
                Some("pad") => ShortLines::Pad,
                _ => ShortLines::Refuse,
            },
            long_lines: match word("long_lines") {
                Some("blank") => LongLines::Blank,
                _ => LongLines::Refuse,
            },
            end_of_file_mark: match word("end_of_file_mark") {
                Some("optional") => EndOfFileMark::Optional,
                _ => EndOfFileMark::Refuse,
            },
            styles: styles(section, or_utf8, problems),
        };
        if plan.line_end == LineEnd::None {
            without_line_ends(section, &plan, problems);
        }
        encoding?;
        (problems.error_count() == before).then_some(plan)
    }
}

/// What does not go together with records that follow each other.
fn without_line_ends(section: &Section<'_>, plan: &FixedPlan, problems: &mut Problems) {
    let place = |key: &str| section.key_place(key).unwrap_or_else(|| section.place());
    if plan.length.is_none() {
        let message = "without line ends, `length` must say how many bytes a record has";
        let problem = Problem::error(FIXED_OPTION, place("line_end"), message);
        problems.push(problem.help("add `length = …`, the bytes of one record"));
    }
    for key in ["final_line_end", "blank_lines", "short_lines", "long_lines"] {
        if section.has(key) {
            let message = format!("`{key}` means nothing with `line_end = \"none\"`");
            problems.push(Problem::warning(FIXED_OPTION, place(key), message));
        }
    }
}

/// One printable ASCII character.
fn one_byte(item: &Item<String>, what: &str, problems: &mut Problems) -> Option<u8> {
    match item.value.as_bytes() {
        [byte @ 0x20..=0x7E] => Some(*byte),
        _ => {
            let shown = item.value.escape_debug();
            let message = format!("`{shown}` cannot be {what}");
            let problem = Problem::error(FIXED_OPTION, item.place.clone(), message);
            problems.push(problem.help("write one printable ASCII character, such as \" \""));
            None
        }
    }
}

fn styles(
    section: &Section<'_>,
    encoding: Encoding,
    problems: &mut Problems,
) -> BTreeMap<String, Style> {
    let mut styles = Style::defaults();
    for (name, table) in section.named_tables("style") {
        let read = StyleReader {
            name: &name,
            table: &table,
            encoding,
        };
        let style = read.style(problems);
        styles.insert(name.value.clone(), style);
    }
    styles
}

/// A style being read.
struct StyleReader<'s, 'd> {
    name: &'s Item<String>,
    table: &'s Section<'d>,
    encoding: Encoding,
}

impl StyleReader<'_, '_> {
    fn style(&self, problems: &mut Problems) -> Style {
        let sign = self.table.word("sign").map(|item| sign(item.value));
        let base = match (self.name.value.as_str(), sign) {
            ("number", _) | (_, Some(_)) => Style::number(),
            _ => Style::text(),
        };
        let style = Style {
            align: match self.table.word("align").map(|item| item.value) {
                Some("left") => Align::Left,
                Some("right") => Align::Right,
                _ => base.align,
            },
            pad: (self.table.text("pad"))
                .and_then(|item| one_byte(&item, "a pad", problems))
                .unwrap_or(base.pad),
            sign: sign.or(base.sign),
        };
        if let Some((key, reason)) = self.fault(&style) {
            let place = (self.table.key_place(key)).unwrap_or_else(|| self.name.place.clone());
            let message = format!("the style `{}` {reason}", self.name.value);
            problems.push(Problem::error(FIXED_OPTION, place, message));
        }
        style
    }

    /// The key that is wrong, and why.
    fn fault(&self, style: &Style) -> Option<(&'static str, &'static str)> {
        let is_left = style.align == Align::Left;
        let Some(sign) = style.sign else {
            let is_cut = is_left && self.encoding.is_trail_byte_possible(style.pad);
            return is_cut.then_some((
                "pad",
                "pads on the right with a byte that can be the end of a character in this encoding",
            ));
        };
        if self.name.value == "text" {
            return Some((
                "sign",
                "is that of fields that are no numbers, so it has no sign",
            ));
        }
        if style.pad.is_ascii_digit() && (is_left || style.pad != b'0') {
            return Some(("pad", "would pad a number with digits that change it"));
        }
        if matches!(style.pad, b'-' | b'+' | b'.') {
            return Some(("pad", "would pad a number with a part of a number"));
        }
        let is_blank_sign = sign == Sign::TrailingMinus && is_left && style.pad == b' ';
        is_blank_sign.then_some((
            "align",
            "has a blank as its sign and blanks after it, which cannot be told apart",
        ))
    }
}

fn sign(word: &str) -> Sign {
    match word {
        "none" => Sign::None,
        "leading" => Sign::Leading,
        "leading_minus" => Sign::LeadingMinus,
        "trailing" => Sign::Trailing,
        "trailing_minus" => Sign::TrailingMinus,
        "overpunch" => Sign::Overpunch,
        _ => Sign::Minus,
    }
}
