//! Reads a `[match]` table; every problem in it is reported with its place.

use super::plan::{
    Compared, Duplicates, MatchPlan, MatchSide, MatchedColumns, Pass, PassKind, TimeTolerance,
    Whose,
};
use crate::calendar::{Deadline, DeadlineKind};
use crate::dataset::{
    Class, Column, ColumnType, DUPLICATE, Dataset, Datasets, EXISTS, MISSING, TOTAL, WHERE,
};
use crate::diag::{Place, Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section, Shape};
use crate::id::{Fen, Ident};
use crate::ledger::BreakKind;
use crate::reconcile::codes::{MATCH_PASS, RECONCILE_COLUMN};
use crate::reconcile::deadline;
use crate::reconcile::plan::{CALENDAR, FUNDS, Funds, UNIT};
use crate::reconcile::selection::{DATASET, read as read_selection};
use crate::reconcile::title::{TITLE, TITLE_EN, Title};
use crate::value::Value;

const SIDE_KEYS: &[Key] = &[
    TITLE,
    TITLE_EN,
    DATASET,
    Key::required(
        "date",
        KeyKind::Name,
        "Its column that holds the business date: rows of the day that is matched.",
    ),
    Key::required(
        "amount",
        KeyKind::Name,
        "The money column that is matched and summed.",
    ),
    WHERE,
    EXISTS,
    MISSING,
    DUPLICATE,
    TOTAL,
];

const PAIRS: &str =
    "A column that both sides have, a list of such, or a table of our column and theirs.";

const COMPARE_KEYS: &[Key] = &[
    Key::optional(
        "amount",
        KeyKind::Any,
        "Amounts (金额不符 when they differ); the sides' amount columns when absent.",
    ),
    Key::optional("fee", KeyKind::Any, "Fees: 手续费不符 when they differ."),
    Key::optional("status", KeyKind::Any, "States: 状态不符 when they differ."),
    Key::optional(
        "element",
        KeyKind::Any,
        "Anything else: 要素不符 when they differ.",
    ),
];

const TOLERANCE_KEYS: &[Key] = &[
    Key::optional(
        "amount",
        KeyKind::Name,
        "How far the amounts may be apart, in yuan: \"0.01\".",
    ),
    Key::optional(
        "minutes",
        KeyKind::Integer {
            min: 0,
            max: 527_040,
        },
        "How far the moments of `at` may be apart.",
    ),
    Key::optional("at", KeyKind::Any, PAIRS),
];

const PASS_KEYS: &[Key] = &[
    Key::required(
        "name",
        KeyKind::Name,
        "A stable word for the ledger, such as `transaction_id`.",
    ),
    TITLE,
    TITLE_EN,
    Key::required("on", KeyKind::Any, PAIRS),
    Key::optional(
        "compare",
        KeyKind::Table(COMPARE_KEYS),
        "What should agree once a pair is found, by the kind of break it is when it does not.",
    ),
    Key::with_default(
        "duplicates",
        KeyKind::OneOf(&["break", "leave"]),
        "break",
        "Keys that a side has twice, in an exact pass: the earliest row stands for the key and the others are breaks, or all are left to the next pass.",
    ),
    Key::optional(
        "tolerance",
        KeyKind::Table(TOLERANCE_KEYS),
        "Pairs need only be close; the closest are taken first.",
    ),
    Key::optional(
        "group",
        KeyKind::OneOf(&["ours", "theirs"]),
        "The side whose rows of one key are added up against the only row of the other side.",
    ),
];

const TRANSIT_KEYS: &[Key] = &[
    deadline::days(
        "How many days an unmatched row is in transit, its own day counted; then it is a break.",
    ),
    deadline::WORKING,
];

/// The keys of `[match]` in a job.
pub const MATCH_KEYS: &[Key] = &[
    UNIT,
    CALENDAR,
    FUNDS,
    Key::required("ours", KeyKind::Table(SIDE_KEYS), "Our rows."),
    Key::required(
        "theirs",
        KeyKind::Table(SIDE_KEYS),
        "The other side's rows.",
    ),
    Key::required(
        "pass",
        KeyKind::TableList(PASS_KEYS),
        "The passes in order; a row that one claimed is out of the next.",
    ),
    Key::optional(
        "transit",
        KeyKind::Table(TRANSIT_KEYS),
        "How long an unmatched row waits; without it it is a break at once.",
    ),
];

impl MatchPlan {
    /// Reads and checks a section that declares [`MATCH_KEYS`]; all its problems are reported, and
    /// it is given only when it has no error.
    pub fn read(
        section: &Section<'_>,
        datasets: &Datasets,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let side = |name, problems: &mut Problems| {
            let table = section.table(name)?;
            read_side(&table, datasets, problems)
        };
        let ours = side("ours", problems);
        let theirs = side("theirs", problems);
        let (ours, theirs) = (ours?, theirs?);
        let sides = Sides {
            ours: &ours,
            theirs: &theirs,
        };
        let mut passes: Vec<Pass> = Vec::new();
        for table in section.table_list("pass") {
            let Some(pass) = sides.read_pass(&table, problems) else {
                continue;
            };
            if passes.iter().any(|other| other.name == pass.name) {
                let message = format!("the name `{}` is taken already", pass.name);
                problems.push(wrong(&table, "name", message));
            }
            passes.push(pass);
        }
        if passes.is_empty() && problems.error_count() == before {
            problems.push(wrong(section, "pass", "there is no `[[match.pass]]`"));
        }
        let transit = match section.table("transit") {
            Some(table) => deadline::read(&table)?,
            None => Deadline {
                number: 0,
                kind: DeadlineKind::Natural,
            },
        };
        let plan = Self {
            unit: section.word("unit")?.value.to_owned(),
            calendar: section.text("calendar")?.value,
            funds: Funds::of_word(section.word("funds")?.value),
            passes,
            transit,
            ours,
            theirs,
        };
        (problems.error_count() == before).then_some(plan)
    }
}

fn read_side(
    table: &Section<'_>,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Option<MatchSide> {
    let selection = read_selection(table, datasets, problems)?;
    Some(MatchSide {
        title: Title::read(table)?,
        date: selection.date.clone()?,
        amount: selection.amount.clone()?.column,
        selection,
    })
}

fn wrong(table: &Section<'_>, key: &str, message: impl Into<String>) -> Problem {
    let place = table.key_place(key).unwrap_or_else(|| table.place());
    Problem::error(&MATCH_PASS, place, message)
}

/// Both sides, to find columns in.
#[derive(Clone, Copy)]
struct Sides<'a> {
    ours: &'a MatchSide,
    theirs: &'a MatchSide,
}

impl Sides<'_> {
    fn dataset(&self, whose: Whose) -> &Dataset {
        match whose {
            Whose::Ours => self.ours.selection.dataset(),
            Whose::Theirs => self.theirs.selection.dataset(),
        }
    }

    fn read_pass(self, table: &Section<'_>, problems: &mut Problems) -> Option<Pass> {
        let before = problems.error_count();
        let name = table.text("name").and_then(|item| {
            Ident::new(&item.value)
                .map_err(|error| problems.push(wrong(table, "name", error.to_string())))
                .ok()
        });
        let on = self.columns(table, "on", problems);
        if on.is_empty() && problems.error_count() == before {
            problems.push(wrong(table, "on", "`on` names at least one column"));
        }
        let compared = self.read_compare(table, problems);
        let kind = self.read_kind(table, problems);
        let (kind, mut compare) = (kind?, compared);
        self.check_compare(table, &kind, &mut compare, problems);
        let pass = Pass {
            name: name?,
            title: Title::read(table)?,
            on,
            compare,
            kind,
        };
        (problems.error_count() == before).then_some(pass)
    }

    fn read_kind(self, table: &Section<'_>, problems: &mut Problems) -> Option<PassKind> {
        let tolerance = table.table("tolerance");
        let amount = tolerance
            .as_ref()
            .and_then(|tolerance| read_yuan(tolerance, problems));
        let time = tolerance
            .as_ref()
            .and_then(|tolerance| self.read_time(tolerance, problems));
        let group = table.word("group");
        let is_exact = tolerance.is_none() && group.is_none();
        if !is_exact && table.has("duplicates") {
            let message = "`duplicates` belongs to a pass by an exact key";
            problems.push(wrong(table, "duplicates", message));
        }
        if let (Some(_), Some(_)) = (&group, &time) {
            let message = "a pass with `group` adds up amounts: `minutes` has no place in it";
            problems.push(wrong(table, "tolerance", message));
        }
        let amount = amount.unwrap_or_default();
        Some(match (group, tolerance) {
            (Some(group), _) => PassKind::Grouped {
                many: match group.value {
                    "theirs" => Whose::Theirs,
                    _ => Whose::Ours,
                },
                amount,
            },
            (None, Some(_)) => PassKind::Near { amount, time },
            (None, None) => PassKind::Exact(match table.word("duplicates")?.value {
                "leave" => Duplicates::Leave,
                _ => Duplicates::Break,
            }),
        })
    }

    fn read_time(self, tolerance: &Section<'_>, problems: &mut Problems) -> Option<TimeTolerance> {
        let minutes = tolerance.integer("minutes");
        if minutes.is_some() != tolerance.has("at") {
            let message = "`minutes` and `at` belong together: how far, and between which columns";
            problems.push(wrong(tolerance, "minutes", message));
            return None;
        }
        let minutes = minutes?.value;
        let mut at = self.columns(tolerance, "at", problems);
        let is_instant = |columns: &MatchedColumns| {
            self.ours.selection.dataset().type_of(columns.ours.as_str())
                == Some(ColumnType::Instant)
        };
        if at.len() != 1 || !at.iter().all(is_instant) {
            let message = "`at` names one column of moments";
            problems.push(wrong(tolerance, "at", message));
        }
        Some(TimeTolerance {
            minutes,
            at: at.pop()?,
        })
    }

    fn read_compare(self, table: &Section<'_>, problems: &mut Problems) -> Vec<Compared> {
        let Some(compare) = table.table("compare") else {
            return Vec::new();
        };
        let mut compared = Vec::new();
        for kind in [
            BreakKind::Amount,
            BreakKind::Fee,
            BreakKind::Status,
            BreakKind::Element,
        ] {
            let is_money = matches!(kind, BreakKind::Amount | BreakKind::Fee);
            for columns in self.columns(&compare, kind.as_str(), problems) {
                let dataset = self.ours.selection.dataset();
                let found = dataset.type_of(columns.ours.as_str());
                if is_money && found != Some(ColumnType::Money) {
                    let message = format!("column `{}` is not `money`", columns.ours);
                    let place = compare.key_place(kind.as_str());
                    let place = place.unwrap_or_else(|| compare.place());
                    problems.push(Problem::error(&RECONCILE_COLUMN, place, message));
                }
                compared.push(Compared { kind, columns });
            }
        }
        compared
    }

    /// An exact pass always compares amounts; a near one has its tolerance for them.
    fn check_compare(
        self,
        table: &Section<'_>,
        kind: &PassKind,
        compare: &mut Vec<Compared>,
        problems: &mut Problems,
    ) {
        let has_amount = compare.iter().any(|one| one.kind == BreakKind::Amount);
        match kind {
            PassKind::Exact(_) if !has_amount => {
                let columns = MatchedColumns {
                    ours: self.ours.amount.clone(),
                    theirs: self.theirs.amount.clone(),
                    is_personal: false,
                };
                let kind = BreakKind::Amount;
                compare.insert(0, Compared { kind, columns });
            }
            PassKind::Near { .. } if has_amount => {
                let message =
                    "a pass with `tolerance` compares amounts by it: leave `compare.amount` out";
                problems.push(wrong(table, "compare", message));
            }
            PassKind::Grouped { .. } if table.has("compare") => {
                let message = "a pass with `group` has no pairs whose columns could be compared";
                problems.push(wrong(table, "compare", message));
            }
            _ => {}
        }
    }

    /// What a key of [`PAIRS`] names; nothing when it is absent.
    fn columns(
        self,
        table: &Section<'_>,
        key: &str,
        problems: &mut Problems,
    ) -> Vec<MatchedColumns> {
        let Some(shape) = table.has(key).then(|| table.shape(key, problems)).flatten() else {
            return Vec::new();
        };
        let mut named: Vec<(Item<String>, Item<String>)> = Vec::new();
        let mut is_text = |ours: Option<Item<String>>, shape: &Shape<'_>| match shape {
            Shape::Scalar(Item {
                value: Value::Text(text),
                place,
            }) => {
                let theirs = Item::new(text.clone(), place.clone());
                named.push((ours.unwrap_or_else(|| theirs.clone()), theirs));
                true
            }
            _ => false,
        };
        let is_well_formed = match &shape {
            Shape::List(list) => list.value.iter().all(|one| is_text(None, one)),
            Shape::Table(pairs) => {
                let pairs = pairs.shapes(problems);
                pairs
                    .iter()
                    .all(|(ours, theirs)| is_text(Some(ours.clone()), theirs))
            }
            scalar @ Shape::Scalar(_) => is_text(None, scalar),
        };
        if !is_well_formed {
            let message = format!(
                "`{key}` is a column, a list of columns, or a table `{{ ours = \"theirs\" }}`"
            );
            problems.push(Problem::error(&MATCH_PASS, shape.place(), message));
            return Vec::new();
        }
        let find = |(ours, theirs)| self.pair(&ours, &theirs, problems);
        named.into_iter().filter_map(find).collect()
    }

    fn pair(
        self,
        ours: &Item<String>,
        theirs: &Item<String>,
        problems: &mut Problems,
    ) -> Option<MatchedColumns> {
        let our_column = self.dataset(Whose::Ours).column_named(ours, problems);
        let their_column = self.dataset(Whose::Theirs).column_named(theirs, problems);
        let (our_column, their_column) = (our_column?, their_column?);
        if our_column.column_type != their_column.column_type {
            problems.push(self.other_type(our_column, their_column, theirs.place.clone()));
            return None;
        }
        let has_class = |column: &Column| column.class != Class::None;
        Some(MatchedColumns {
            ours: our_column.name.clone(),
            theirs: their_column.name.clone(),
            is_personal: has_class(our_column) || has_class(their_column),
        })
    }

    fn other_type(&self, ours: &Column, theirs: &Column, place: Place) -> Problem {
        let message = format!(
            "column `{}` of `{}` is `{}` and `{}` of `{}` is `{}`",
            ours.name,
            self.dataset(Whose::Ours).name(),
            ours.column_type,
            theirs.name,
            self.dataset(Whose::Theirs).name(),
            theirs.column_type,
        );
        Problem::error(&RECONCILE_COLUMN, place, message)
    }
}

fn read_yuan(tolerance: &Section<'_>, problems: &mut Problems) -> Option<Fen> {
    if !tolerance.has("amount") && !tolerance.has("minutes") && !tolerance.has("at") {
        let message = "a `tolerance` has `amount`, or `minutes` and `at`";
        problems.push(Problem::error(&MATCH_PASS, tolerance.place(), message));
    }
    let item = tolerance.text("amount")?;
    match Fen::from_yuan(&item.value) {
        Ok(amount) if amount >= Fen::ZERO => Some(amount),
        Ok(_) => {
            let message = "a tolerance is not negative";
            problems.push(Problem::error(&MATCH_PASS, item.place, message));
            None
        }
        Err(error) => {
            problems.push(Problem::error(&MATCH_PASS, item.place, error.to_string()));
            None
        }
    }
}
