//! Faults and habits that no mapping would write: made in the text of a package.
//!
//! Every edit fails when the text does not have what it is to change, so that a statement never
//! promises a fault that is not in the bytes.

use super::faults::Fault;
use crate::simulate::SimulateError;

/// Makes one field of a transaction unreadable; its number and fee stay readable.
pub(super) fn spoil(text: String, trans_id: i64, number: u32) -> Result<String, SimulateError> {
    let (element, value) = match number % 5 {
        0 => ("TAC", "0A1B2C"),
        1 => ("Time", "2026-13-01T08:00:00"),
        2 => ("TerminalNo", "0000PSAM0001"),
        3 => ("ServiceType", "9"),
        _ => ("PreBalance", "12.5"),
    };
    let mark = format!("<TransId>{trans_id}</TransId>");
    let from = text.find(&mark).ok_or_else(|| not_there(&mark))?;
    replace_content(text, from, element, value)
}

/// Writes a space for the `T` of every transaction's time.
pub(super) fn space_times(text: &str) -> Result<String, SimulateError> {
    let mut parts = text.split("<Time>");
    let mut edited = parts.next().unwrap_or_default().to_owned();
    let mut count = 0;
    for part in parts {
        edited.push_str("<Time>");
        match part.split_once('T') {
            Some((day, rest)) if day.len() == 10 => {
                edited.extend([day, " ", rest]);
                count += 1;
            }
            _ => edited.push_str(part),
        }
    }
    if count == 0 {
        Err(not_there("<Time>…T…</Time>"))
    } else {
        Ok(edited)
    }
}

/// Writes the specification's name of the tag's state.
pub(super) fn rename_obu_state(text: &str) -> Result<String, SimulateError> {
    if !text.contains("<OBEState>") {
        return Err(not_there("<OBEState>"));
    }
    Ok(text.replace("OBEState>", "OBUState>"))
}

/// The package as it arrives at first.
pub(super) fn damage(text: &str, fault: Fault) -> Result<String, SimulateError> {
    let text = text.to_owned();
    let body = text.find("<Body").ok_or_else(|| not_there("<Body"))?;
    match fault {
        Fault::WrongCount => {
            let count = content(&text, body, "Count")?;
            let more = count.parse::<u64>().unwrap_or_default() + 1;
            replace_content(text, body, "Count", &more.to_string())
        }
        Fault::WrongHeader => {
            let id = content(&text, body, "MessageId")?;
            let other = id.parse::<u64>().unwrap_or_default() + 500_000;
            replace_content(text, body, "MessageId", &other.to_string())
        }
        Fault::WrongVersion => replace_content(text, 0, "Version", "00030000"),
        Fault::WrongIssuer => replace_content(text, body, "IssuerId", "00000000000000EE"),
        _ => truncated(text),
    }
}

/// Cut inside the last element that begins before the middle.
fn truncated(mut text: String) -> Result<String, SimulateError> {
    let middle = text.floor_char_boundary(text.len() / 2);
    let cut = text.get(..middle).and_then(|half| half.rfind('<'));
    text.truncate(cut.ok_or_else(|| not_there("<"))? + 1);
    Ok(text)
}

/// An empty day has an empty message id (partner facts: etc, section 2.7).
pub(super) fn empty_day(text: &str) -> Result<String, SimulateError> {
    let end = "</ServiceProviderId>";
    if !text.contains(end) {
        return Err(not_there(end));
    }
    Ok(text.replace(end, &format!("{end}\n      <MessageId/>")))
}

fn content(text: &str, from: usize, element: &str) -> Result<String, SimulateError> {
    let (start, end) = place(text, from, element)?;
    Ok(text.get(start..end).unwrap_or_default().to_owned())
}

/// Replaces the content of the first such element after `from`.
fn replace_content(
    mut text: String,
    from: usize,
    element: &str,
    value: &str,
) -> Result<String, SimulateError> {
    let (start, end) = place(&text, from, element)?;
    text.replace_range(start..end, value);
    Ok(text)
}

fn place(text: &str, from: usize, element: &str) -> Result<(usize, usize), SimulateError> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let after = |from: usize, mark: &str| {
        text.get(from..)
            .and_then(|rest| rest.find(mark))
            .map(|at| from + at)
    };
    let found = after(from, &open).and_then(|at| {
        let start = at + open.len();
        Some((start, after(start, &close)?))
    });
    found.ok_or_else(|| not_there(&open))
}

fn not_there(what: &str) -> SimulateError {
    SimulateError::NotEditable {
        what: what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<Message><Header><Version>00010000</Version><MessageId>7</MessageId>\
        </Header><Body ContentType=\"1\"><IssuerId>3D</IssuerId><MessageId>7</MessageId>\
        <Count>2</Count><T><TransId>1</TransId><Time>2026-01-05T08:00:00</Time><TAC>00</TAC></T>\
        <T><TransId>2</TransId><Time>2026-01-05T09:00:00</Time><TAC>11</TAC></T></Body></Message>";

    #[test]
    fn only_the_named_transaction_is_spoilt() {
        let text = spoil(TEXT.to_owned(), 2, 0).expect("there is a TAC");
        assert!(
            text.contains("<TAC>00</TAC>") && text.contains("<TAC>0A1B2C</TAC>"),
            "{text}"
        );
    }

    #[test]
    fn every_time_gets_its_space() {
        let text = space_times(TEXT).expect("there are times");
        assert!(text.contains("<Time>2026-01-05 08:00:00</Time>"), "{text}");
        assert!(text.contains("<Time>2026-01-05 09:00:00</Time>"), "{text}");
    }

    #[test]
    fn a_damage_is_in_the_body_and_the_header_keeps_the_id() {
        for (fault, expected) in [
            (Fault::WrongCount, "<Count>3</Count>"),
            (Fault::WrongHeader, "<MessageId>500007</MessageId><Count>"),
            (Fault::WrongVersion, "<Version>00030000</Version>"),
            (Fault::WrongIssuer, "<IssuerId>00000000000000EE</IssuerId>"),
        ] {
            let text = damage(TEXT, fault).expect("it can be damaged");
            assert!(text.contains(expected), "{text}");
            assert!(text.contains("<MessageId>7</MessageId></Header>"), "{text}");
        }
    }

    #[test]
    fn a_cut_package_ends_inside_a_tag() {
        let text = damage(TEXT, Fault::Malformed).expect("it can be cut");
        assert!(TEXT.starts_with(&text) && text.ends_with('<'), "{text}");
    }

    #[test]
    fn a_fault_that_cannot_be_planted_is_an_error() {
        let error = rename_obu_state(TEXT).expect_err("there is no tag");
        assert_eq!(
            error.to_string(),
            "the fault cannot be planted: the written package has no `<OBEState>`; simulate \
             without that fault, or compare the mapping with the delivered one"
        );
    }
}
