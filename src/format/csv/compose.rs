//! Puts the values of one record into a line, quoted where they must be.

use std::ops::Range;

use super::plan::{BlankLines, CsvPlan, TrailingSeparator, Trim};
use super::split::Fields;

/// Composes one line after the other, without allocating for each.
pub(super) struct Composer {
    separator: String,
    quote: Option<char>,
    ends_with_separator: bool,
    quotes_blank: bool,
    trims: bool,
    text: String,
    /// The values as they will be read back.
    values: String,
    spans: Vec<Range<usize>>,
}

/// A value that cannot be a field.
#[derive(Debug)]
pub(super) struct Unquotable {
    /// From 0.
    pub(super) column: usize,
    pub(super) reason: &'static str,
}

impl Composer {
    pub(super) fn new(plan: &CsvPlan) -> Self {
        Self {
            separator: plan.separator.clone(),
            quote: plan.quote.map(char::from),
            ends_with_separator: plan.trailing_separator == TrailingSeparator::Required,
            quotes_blank: plan.blank_lines == BlankLines::Skip,
            trims: plan.trim == Trim::Spaces,
            text: String::new(),
            values: String::new(),
            spans: Vec::new(),
        }
    }

    /// The line, without its line end.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line's fields as a reader will find them.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields {
            bytes: self.values.as_bytes(),
            spans: &self.spans,
            open_ended: self.text.ends_with(&self.separator)
                && self.spans.len() > 1
                && self.spans.last().is_some_and(Range::is_empty),
        }
    }

    /// Composes a line of `values`.
    pub(super) fn line<'a>(
        &mut self,
        values: impl ExactSizeIterator<Item = Result<&'a str, &'static str>>,
    ) -> Result<(), Unquotable> {
        self.text.clear();
        self.values.clear();
        self.spans.clear();
        let count = values.len();
        for (column, value) in values.enumerate() {
            if column > 0 {
                self.text.push_str(&self.separator);
            }
            let is_followed = column + 1 < count || self.ends_with_separator;
            let fault = |reason| Unquotable { column, reason };
            let value = value.map_err(fault)?;
            self.field(value, is_followed, count == 1).map_err(fault)?;
            let start = self.values.len();
            self.values.push_str(value);
            self.spans.push(start..self.values.len());
        }
        if self.ends_with_separator {
            self.text.push_str(&self.separator);
            self.spans.push(self.values.len()..self.values.len());
        }
        Ok(())
    }

    fn field(&mut self, value: &str, is_followed: bool, is_only: bool) -> Result<(), &'static str> {
        if value.contains('\0') {
            return Err("has a NUL character");
        }
        match (self.quote, self.needs_quotes(value, is_followed, is_only)) {
            (Some(quote), Some(_)) => {
                self.text.push(quote);
                for (at, part) in value.split(quote).enumerate() {
                    if at > 0 {
                        self.text.push(quote);
                        self.text.push(quote);
                    }
                    self.text.push_str(part);
                }
                self.text.push(quote);
            }
            (None, Some(reason @ Need::Must(_))) => return Err(reason.says()),
            (_, None) | (None, Some(Need::Should)) => self.text.push_str(value),
        }
        Ok(())
    }

    fn needs_quotes(&self, value: &str, is_followed: bool, is_only: bool) -> Option<Need> {
        if value.contains(['\r', '\n']) {
            return Some(Need::Must("has a line end, and the format has no quotes"));
        }
        if value.contains(&self.separator) || (is_followed && self.runs_on(value)) {
            return Some(Need::Must(
                "has the separator in it, and the format has no quotes",
            ));
        }
        if is_only && value.is_empty() && self.quotes_blank && !self.ends_with_separator {
            return Some(Need::Must("would make a blank line, which is skipped"));
        }
        let has_edge = value.starts_with(' ') || value.ends_with(' ');
        if has_edge && self.trims {
            return Some(Need::Must(
                "begins or ends with a space, which is trimmed, and the format has no quotes",
            ));
        }
        let should = has_edge || self.quote.is_some_and(|quote| value.contains(quote));
        should.then_some(Need::Should)
    }

    /// Whether the value's end and the separator after it would be split too early: `a|` before
    /// `||`.
    fn runs_on(&self, value: &str) -> bool {
        self.separator.char_indices().skip(1).any(|(at, _)| {
            let (head, tail) = self.separator.split_at(at);
            // The separator would be found beginning with the value's last characters.
            value.ends_with(head) && self.separator.starts_with(tail)
        })
    }
}

/// Why a value is quoted.
enum Need {
    /// It cannot be written otherwise.
    Must(&'static str),
    /// It is safer, or the format has quotes that it would be taken for.
    Should,
}

impl Need {
    fn says(&self) -> &'static str {
        match self {
            Self::Must(reason) => reason,
            Self::Should => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(plan: &CsvPlan, values: &[&str]) -> Result<String, String> {
        let mut composer = Composer::new(plan);
        let values: Vec<_> = values.iter().map(|value| Ok(*value)).collect();
        match composer.line(values.into_iter()) {
            Ok(()) => Ok(composer.text().to_owned()),
            Err(error) => Err(format!("{}: {}", error.column, error.reason)),
        }
    }

    #[test]
    fn a_value_is_quoted_only_when_it_must_be() {
        let plan = CsvPlan::default();
        let written = line(&plan, &["a", "b,c", "d\"e", "f\r\ng", " h", "", "陕"]);
        assert_eq!(
            written.expect("quotes hold all"),
            "a,\"b,c\",\"d\"\"e\",\"f\r\ng\",\" h\",,陕"
        );
    }

    #[test]
    fn a_value_that_would_need_quotes_is_refused_where_there_are_none() {
        let plan = CsvPlan {
            quote: None,
            separator: "||".into(),
            ..CsvPlan::default()
        };
        assert_eq!(
            line(&plan, &["a|b", "\"", " x"]).expect("fits"),
            "a|b||\"|| x"
        );
        let separator = "has the separator in it, and the format has no quotes";
        assert_eq!(line(&plan, &["a", "b||c"]), Err(format!("1: {separator}")));
        assert_eq!(line(&plan, &["a|", "b"]), Err(format!("0: {separator}")));
        assert_eq!(line(&plan, &["a", "b|"]).expect("nothing follows"), "a||b|");
        let line_end = "has a line end, and the format has no quotes";
        assert_eq!(line(&plan, &["a\n"]), Err(format!("0: {line_end}")));
        assert_eq!(line(&plan, &["a\0"]), Err("0: has a NUL character".into()));
        let plan = CsvPlan {
            trim: Trim::Spaces,
            ..plan
        };
        assert_eq!(
            line(&plan, &["a", " b"]),
            Err(
                "1: begins or ends with a space, which is trimmed, and the format has no quotes"
                    .into()
            )
        );
    }
}
