//! What the `match` of every kind of record is checked for, whatever it compares.

use crate::diag::{Code, Problem, Problems};
use crate::document::{Item, Section};

/// Refuses two kinds that nothing tells apart: of one `match`, or both without one. `help` says what
/// each should be given.
pub(super) fn check_distinct<S, M: PartialEq + ?Sized>(
    records: &[(Item<String>, S)],
    matching: impl Fn(&S) -> Option<&M>,
    (code, help): (&'static Code, &str),
    problems: &mut Problems,
) {
    for (at, (name, select)) in records.iter().enumerate() {
        let own = matching(select);
        let mut before = records.iter().take(at);
        let Some((other, _)) = before.find(|(_, other)| matching(other) == own) else {
            continue;
        };
        let message = match own {
            None => format!(
                "`{}` has no `match`, and neither has `{}`",
                name.value, other.value
            ),
            Some(_) => format!("`{}` has the same `match` as `{}`", name.value, other.value),
        };
        problems.push(Problem::error(code, name.place.clone(), message).help(help));
    }
}

/// Whether a condition that is only ever `true` is set.
pub(super) fn flag(
    table: &Section<'_>,
    name: &str,
    code: &'static Code,
    problems: &mut Problems,
) -> bool {
    let Some(item) = table.boolean(name) else {
        return false;
    };
    if !item.value {
        let message = format!("`{name} = false` means nothing");
        let problem = Problem::error(code, item.place, message);
        problems.push(problem.help(format!("write `{name} = true` or leave it out")));
    }
    item.value
}
