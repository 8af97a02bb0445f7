//! The commands that lead from a report to the partner's bytes, ready to be pasted into a shell.

/// `dukou trace file:10/16`; empty when there is no file.
pub(super) fn of_record(file: i64, record: Option<i64>) -> String {
    match (file, record) {
        (..=0, _) => String::new(),
        (file, None) => format!("dukou trace file:{file}"),
        (file, Some(record)) => format!("dukou trace file:{file}/{record}"),
    }
}

/// `dukou trace etc_transaction message_id=1001 …`.
pub(super) fn of_rows<'a>(
    dataset: &str,
    values: impl Iterator<Item = (&'a str, &'a String)>,
) -> String {
    let mut command = format!("dukou trace {dataset}");
    for (column, value) in values {
        command.push(' ');
        command.push_str(&quoted(&format!("{column}={value}")));
    }
    command
}

/// One word of a shell, whatever is in it: values come from partners.
fn quoted(text: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "_-=.:/".contains(one);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line_that_a_shell_reads_as_meant() {
        assert_eq!(of_record(10, Some(16)), "dukou trace file:10/16");
        assert_eq!(of_record(0, Some(1)), "");
        let values = ["0020".to_owned(), "a'; rm -rf $HOME".to_owned()];
        assert_eq!(
            of_rows("etc_package", ["provider", "id"].into_iter().zip(&values)),
            "dukou trace etc_package provider=0020 'id=a'\\''; rm -rf $HOME'"
        );
    }
}
