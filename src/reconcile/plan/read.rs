//! Reads a `[reconcile]` table; every problem in it is reported with its place.

use super::check::{CHECK_KEYS, read_checks};
use super::{CandidateGroup, Claimed, Distribution, Funds, Part, PartSource, ReconcilePlan, Side};
use crate::dataset::{DUPLICATE, Datasets, EXISTS, MISSING, TOTAL, WHERE};
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::id::Ident;
use crate::reconcile::codes::RECONCILE_PART;
use crate::reconcile::figure::Signs;
use crate::reconcile::selection::{
    AMOUNT, AMOUNT_FROM, BY, COUNT, DATASET, DATE, MEMBERS, ONCE, read,
};
use crate::reconcile::title::{TITLE, TITLE_EN, Title};

const SIGN: KeyKind = KeyKind::Integer { min: -1, max: 1 };
pub(super) const SIDES: &[&str] = &["more", "less"];
pub(super) const KINDS: &[&str] = &[
    "one_sided_ours",
    "one_sided_theirs",
    "amount",
    "status",
    "element",
    "duplicate",
    "fee",
    "in_transit",
];
pub(super) const EFFECTS: &[&str] = &["long", "short", "none"];

const CLAIMED_KEYS: &[Key] = &[
    TITLE,
    TITLE_EN,
    DATASET,
    Key::required(
        "date",
        KeyKind::Name,
        "Its column that holds the business date.",
    ),
    Key::required(
        "count",
        KeyKind::Name,
        "The integer column that states how many rows.",
    ),
    Key::required(
        "amount",
        KeyKind::Name,
        "The money column that states their sum.",
    ),
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
];

const PART_KEYS: &[Key] = &[
    Key::required(
        "name",
        KeyKind::Name,
        "A stable word for the ledger, such as `accounted`.",
    ),
    TITLE,
    TITLE_EN,
    Key::with_default(
        "amount_sign",
        SIGN,
        "1",
        "How it enters the formula of amounts: -1, 0 or 1.",
    ),
    Key::with_default(
        "count_sign",
        SIGN,
        "1",
        "How it enters the formula of counts: -1, 0 or 1.",
    ),
    Key::optional(
        "unknown",
        KeyKind::Name,
        "Why the part cannot be known yet: it is taken as zero, and every report says so with this text.",
    ),
    Key::optional(
        "dataset",
        KeyKind::Name,
        "The dataset whose rows count; none when `unknown`.",
    ),
    DATE,
    MEMBERS,
    ONCE,
    AMOUNT,
    AMOUNT_FROM,
    COUNT,
    BY,
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
];

const CANDIDATE_KEYS: &[Key] = &[
    TITLE,
    TITLE_EN,
    Key::with_default(
        "explains",
        KeyKind::OneOf(SIDES),
        "more",
        "Which difference these rows may explain: the other side states `more` or `less` than we recognise.",
    ),
    DATASET,
    DATE,
    MEMBERS,
    Key::required("amount", KeyKind::Name, "The money column of the row."),
    AMOUNT_FROM,
    BY,
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
];

const DISTRIBUTION_KEYS: &[Key] = &[
    TITLE,
    TITLE_EN,
    DATASET,
    DATE,
    MEMBERS,
    AMOUNT,
    AMOUNT_FROM,
    Key::required(
        "by",
        KeyKind::TextList,
        "The one column whose values are counted.",
    ),
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
];

pub(in crate::reconcile) const UNIT: Key = Key::with_default(
    "unit",
    KeyKind::OneOf(&["元"]),
    "元",
    "The unit of amounts in reports.",
);
pub(in crate::reconcile) const CALENDAR: Key = Key::with_default(
    "calendar",
    KeyKind::Name,
    "every_day",
    "The calendar of ageing and deadlines: a file of jobs/calendars without .tsv, or `every_day`.",
);
pub(in crate::reconcile) const FUNDS: Key = Key::with_default(
    "funds",
    KeyKind::OneOf(&["paid_by_us", "paid_to_us"]),
    "paid_by_us",
    "Who pays what the other side claims: decides whether a difference is 长款 or 短款.",
);

/// The keys of `[reconcile]` in a job.
pub const RECONCILE_KEYS: &[Key] = &[
    UNIT,
    CALENDAR,
    FUNDS,
    Key::optional(
        "claimed",
        KeyKind::Table(CLAIMED_KEYS),
        "What the other side states for the day. Without it, and without parts, the job is an inspection: its checks.",
    ),
    Key::optional(
        "part",
        KeyKind::TableList(PART_KEYS),
        "What our side is made of, in order.",
    ),
    Key::optional(
        "check",
        KeyKind::TableList(CHECK_KEYS),
        "What must not be there; every row found is a break.",
    ),
    Key::optional(
        "candidate",
        KeyKind::TableList(CANDIDATE_KEYS),
        "Rows that a difference may come from, the likeliest first; they are ranked and never asserted.",
    ),
    Key::optional(
        "distribution",
        KeyKind::TableList(DISTRIBUTION_KEYS),
        "Rows counted by a code, for the report.",
    ),
];

impl ReconcilePlan {
    /// Reads and checks a section that declares [`RECONCILE_KEYS`]; all its problems are reported,
    /// and it is given only when it has no error.
    pub fn read(
        section: &Section<'_>,
        datasets: &Datasets,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let claimed = section.table("claimed");
        let claimed = claimed.and_then(|table| read_claimed(&table, datasets, problems));
        let parts = read_parts(section, datasets, problems);
        let checks = read_checks(section, datasets, problems);
        check_sides(section, problems);
        let candidates = section.table_list("candidate");
        let candidates = candidates
            .iter()
            .filter_map(|table| read_candidate(table, datasets, problems))
            .collect();
        let distributions = section.table_list("distribution");
        let distributions = distributions
            .iter()
            .filter_map(|table| read_distribution(table, datasets, problems))
            .collect();
        let funds = Funds::of_word(section.word("funds")?.value);
        if problems.error_count() > before {
            return None;
        }
        Some(Self {
            unit: section.word("unit")?.value.to_owned(),
            calendar: section.text("calendar")?.value,
            funds,
            claimed,
            parts,
            checks,
            candidates,
            distributions,
        })
    }
}

/// Both sides are there, or neither, and then there is something to inspect.
fn check_sides(section: &Section<'_>, problems: &mut Problems) {
    let missing = match (section.has("claimed"), section.has("part")) {
        (true, true) => None,
        (true, false) => Some("there is no `[[reconcile.part]]`: our side has nothing"),
        (false, true) => Some("there is no `[reconcile.claimed]`: the other side states nothing"),
        (false, false) if section.has("candidate") => {
            Some("candidates explain a difference, and without two sides there is none")
        }
        (false, false) if section.has("check") => None,
        (false, false) => Some("there are no two sides, and no `[[reconcile.check]]` either"),
    };
    if let Some(message) = missing {
        let help = "declare `claimed` and `part`, or only checks: then the job is an inspection";
        problems.push(Problem::error(&RECONCILE_PART, section.place(), message).help(help));
    }
}

fn read_claimed(
    table: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Claimed> {
    let selection = read(table, datasets, problems)?;
    Some(Claimed {
        title: Title::read(table)?,
        selection,
    })
}

fn read_parts(section: &Section<'_>, datasets: &Datasets, problems: &mut Problems) -> Vec<Part> {
    let tables = section.table_list("part");
    let mut names: Vec<Ident> = Vec::new();
    let mut parts = Vec::new();
    for table in &tables {
        let name = table.text("name").and_then(|name| ident(&name, problems));
        if let Some(name) = &name {
            let is_taken = names.contains(&name.value);
            if is_taken || RESERVED.contains(&name.value.as_str()) {
                let message = format!("the name `{}` is taken already", name.value);
                problems.push(Problem::error(&RECONCILE_PART, name.place.clone(), message));
            }
            names.push(name.value.clone());
        }
        let source = read_source(table, datasets, problems);
        parts.extend(read_part(table, name, source));
    }
    parts
}

fn read_part(
    table: &Section<'_>,
    name: Option<Item<Ident>>,
    source: Option<PartSource>,
) -> Option<Part> {
    Some(Part {
        name: name?.value,
        title: Title::read(table)?,
        signs: Signs {
            amount: table.integer("amount_sign")?.value,
            count: table.integer("count_sign")?.value,
        },
        source: source?,
    })
}

/// Names of components that are not parts.
const RESERVED: &[&str] = &["claimed", "ours", "difference"];

fn read_source(
    table: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<PartSource> {
    match (table.text("unknown"), table.has("dataset")) {
        (Some(reason), false) => Some(PartSource::Unknown(reason.value)),
        (None, true) if table.has("amount") => {
            let selection = read(table, datasets, problems)?;
            Some(PartSource::Rows(Box::new(selection)))
        }
        (None, true) => {
            let message = "a part has an `amount`: the column that is summed";
            problems.push(Problem::error(&RECONCILE_PART, table.place(), message));
            None
        }
        (Some(reason), true) => {
            let message = "a part with a `dataset` is not `unknown`";
            problems.push(
                Problem::error(&RECONCILE_PART, reason.place, message).help("keep one of them"),
            );
            None
        }
        (None, false) if table.has("unknown") => None,
        (None, false) => {
            let message = "a part names a `dataset`, or says in `unknown` why there is none";
            problems.push(Problem::error(&RECONCILE_PART, table.place(), message));
            None
        }
    }
}

fn read_candidate(
    table: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<CandidateGroup> {
    let selection = read(table, datasets, problems)?;
    Some(CandidateGroup {
        title: Title::read(table)?,
        explains: side(table.word("explains")?.value),
        selection,
    })
}

fn read_distribution(
    table: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<Distribution> {
    let selection = read(table, datasets, problems)?;
    if selection.by.len() != 1 {
        let place = table.key_place("by").unwrap_or_else(|| table.place());
        let message = "a distribution counts the values of exactly one column";
        problems.push(Problem::error(&RECONCILE_PART, place, message));
        return None;
    }
    Some(Distribution {
        title: Title::read(table)?,
        selection,
    })
}

pub(super) fn side(word: &str) -> Side {
    match word {
        "less" => Side::Less,
        _ => Side::More,
    }
}

pub(super) fn ident(name: &Item<String>, problems: &mut Problems) -> Option<Item<Ident>> {
    match Ident::new(&name.value) {
        Ok(ident) => Some(Item::new(ident, name.place.clone())),
        Err(error) => {
            let message = error.to_string();
            problems.push(Problem::error(&RECONCILE_PART, name.place.clone(), message));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::key_table_faults;
    use crate::ledger::{BreakKind, FundsEffect};

    #[test]
    fn the_keys_are_well_formed_and_know_every_word_of_the_ledger() {
        assert_eq!(key_table_faults(RECONCILE_KEYS), Vec::<String>::new());
        let kinds: Vec<&str> = BreakKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(KINDS, kinds);
        let effects: Vec<&str> = FundsEffect::ALL.iter().map(|word| word.as_str()).collect();
        assert_eq!(EFFECTS, effects);
    }
}
