//! The SQL that all passes share: names, equal keys, agreeing columns, values as JSON.

use super::plan::{Compared, MatchPlan, MatchedColumns, Pass, PassKind, Whose};
use crate::dataset::Dataset;
use crate::db::Dialect;
use crate::id::Ident;
use crate::ledger::BreakKind;
use crate::value::Kind;

/// The columns that the passes ask about, as a work table has them: `c0`, `c1` …
#[derive(Debug, Clone)]
pub(super) struct Columns {
    names: Vec<Ident>,
    kinds: Vec<Kind>,
}

impl Columns {
    pub(super) fn of(plan: &MatchPlan, whose: Whose) -> Self {
        let dataset = plan.side(whose).selection.dataset();
        let mut columns = Self {
            names: Vec::new(),
            kinds: Vec::new(),
        };
        for name in plan.passes.iter().flat_map(asked).map(|one| one.of(whose)) {
            if !columns.names.contains(name) {
                let kind = dataset.type_of(name.as_str()).map(|found| found.kind());
                columns.names.push(name.clone());
                columns.kinds.push(kind.unwrap_or(Kind::Text));
            }
        }
        columns
    }

    /// Each with its name in the dataset, how it is stored there, and its name in the work table.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Ident, Kind, String)> {
        let both = self.names.iter().zip(&self.kinds).enumerate();
        both.map(|(at, (name, kind))| (name, *kind, format!("c{at}")))
    }

    /// The names that columns have in the work table, each once.
    pub(super) fn names<'n>(&self, names: impl Iterator<Item = &'n Ident>) -> Vec<String> {
        let mut found: Vec<String> = names.map(|name| self.place(name)).collect();
        let mut seen = std::collections::HashSet::new();
        found.retain(|name| seen.insert(name.clone()));
        found
    }

    /// A column of a work table that goes by an alias.
    fn at(&self, alias: &str, name: &Ident) -> String {
        format!("{alias}.{}", self.place(name))
    }

    fn place(&self, name: &Ident) -> String {
        let at = self.names.iter().position(|known| known == name);
        format!("c{}", at.unwrap_or(usize::MAX))
    }
}

/// All columns that a pass asks about.
fn asked(pass: &Pass) -> impl Iterator<Item = &MatchedColumns> {
    let time = match &pass.kind {
        PassKind::Near { time, .. } => time.as_ref().map(|time| &time.at),
        _ => None,
    };
    let compared = pass.compare.iter().map(|one| &one.columns);
    pass.on.iter().chain(compared).chain(time)
}

/// The names and types of a work table's fixed columns. `n` is the row's number in a fixed order;
/// `fate` is NULL while no pass claimed it; `recon` and `brk` name the open item that it is.
pub(super) const FIXED: &str = "n {int} NOT NULL PRIMARY KEY, day {date} NOT NULL, amount {int}, \
     object {text} NOT NULL, key {text} NOT NULL, lf {int}, lr {int}, lo {int}, ll {int}, \
     recon {int}, brk {int}, was {text}, first_seen {date} NOT NULL, fate {text}, pass {int}, \
     mate {int}";

/// The work table of a side. An `Ident` never begins with `_`: no dataset has such a name.
pub(super) fn table(whose: Whose) -> &'static str {
    match whose {
        Whose::Ours => "_match_ours",
        Whose::Theirs => "_match_theirs",
    }
}

/// Alias of a side's work table.
pub(super) fn alias(whose: Whose) -> &'static str {
    match whose {
        Whose::Ours => "o",
        Whose::Theirs => "t",
    }
}

/// `alias."name"`, moments as microseconds on either database.
pub(super) fn stored(dialect: Dialect, alias: &str, name: &Ident, kind: Kind) -> String {
    match (dialect, kind) {
        (Dialect::Postgres, Kind::Instant) => {
            format!("CAST(EXTRACT(EPOCH FROM {alias}.\"{name}\") * 1000000 AS BIGINT)")
        }
        _ => format!("{alias}.\"{name}\""),
    }
}

/// How `stored` values of a kind are declared.
pub(super) fn stored_kind(kind: Kind) -> Kind {
    match kind {
        Kind::Instant => Kind::Int,
        kind => kind,
    }
}

/// `name=value;name=value` as file identities are written.
pub(super) fn object(dialect: Dialect, alias: &str, columns: &[(Ident, Kind)]) -> String {
    let one = |(name, kind): &(Ident, Kind)| {
        let text = format!("CAST({} AS TEXT)", stored(dialect, alias, name, *kind));
        let text = match kind {
            Kind::Text => {
                format!("REPLACE(REPLACE(REPLACE({text}, '%', '%25'), ';', '%3B'), '=', '%3D')")
            }
            _ => text,
        };
        format!("'{name}=' || {text}")
    };
    let parts: Vec<String> = columns.iter().map(one).collect();
    parts.join(" || ';' || ")
}

/// A dataset and the values of its key as a JSON list, to find the row by again.
pub(super) fn key(dialect: Dialect, alias: &str, dataset: &Dataset) -> String {
    let names = dataset
        .key()
        .iter()
        .map(|name| format!("{alias}.\"{name}\""));
    let names = names.collect::<Vec<_>>().join(", ");
    let table = dataset.name();
    match dialect {
        Dialect::Sqlite => format!("json_array('{table}', {names})"),
        Dialect::Postgres => {
            format!("CAST(json_build_array(CAST('{table}' AS TEXT), {names}) AS TEXT)")
        }
    }
}

/// One value of a key that [`key`] wrote, from 0; NULL in the key of another dataset.
pub(super) fn key_part(
    dialect: Dialect,
    key: &str,
    (dataset, at): (&Dataset, usize),
    kind: Kind,
) -> String {
    let (table, at) = (dataset.name(), at + 1);
    match dialect {
        Dialect::Sqlite => format!(
            "CASE json_extract({key}, '$[0]') WHEN '{table}' THEN json_extract({key}, '$[{at}]') END"
        ),
        Dialect::Postgres => format!(
            "CASE CAST({key} AS JSON) ->> 0 WHEN '{table}' THEN CAST(CAST({key} AS JSON) ->> {at} \
             AS {}) END",
            dialect.cast_type(kind)
        ),
    }
}

/// A value as JSON text.
pub(super) fn json(dialect: Dialect, value: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("json_quote({value})"),
        Dialect::Postgres => format!("COALESCE(CAST(to_json({value}) AS TEXT), 'null')"),
    }
}

/// Both sides' columns.
#[derive(Debug, Clone)]
pub(super) struct Both {
    pub(super) ours: Columns,
    pub(super) theirs: Columns,
}

impl Both {
    pub(super) fn of(plan: &MatchPlan) -> Self {
        Self {
            ours: Columns::of(plan, Whose::Ours),
            theirs: Columns::of(plan, Whose::Theirs),
        }
    }

    pub(super) fn side(&self, whose: Whose) -> &Columns {
        match whose {
            Whose::Ours => &self.ours,
            Whose::Theirs => &self.theirs,
        }
    }

    /// A column of a side's work table under its usual alias.
    pub(super) fn at(&self, whose: Whose, columns: &MatchedColumns) -> String {
        self.side(whose).at(alias(whose), columns.of(whose))
    }

    /// The key columns of a pass in a side's work table, without alias.
    pub(super) fn key(&self, pass: &Pass, whose: Whose) -> Vec<String> {
        let side = self.side(whose);
        let names = pass.on.iter().map(|columns| columns.of(whose));
        names.map(|name| side.at(table(whose), name)).collect()
    }

    /// `o` and `t` have equal keys; NULL equals nothing.
    pub(super) fn equal_keys(&self, pass: &Pass) -> String {
        let equal = |columns: &MatchedColumns| {
            let (ours, theirs) = (
                self.at(Whose::Ours, columns),
                self.at(Whose::Theirs, columns),
            );
            format!("{ours} = {theirs}")
        };
        all(pass.on.iter().map(equal))
    }

    /// The kind of break that a pair of `o` and `t` is; NULL when all columns agree.
    pub(super) fn break_kind(&self, pass: &Pass) -> String {
        let arms: Vec<String> = pass
            .compare
            .iter()
            .map(|one| {
                let ours = self.at(Whose::Ours, &one.columns);
                let theirs = self.at(Whose::Theirs, &one.columns);
                let agrees = agrees(one, &ours, &theirs);
                format!("WHEN ({agrees}) IS NOT TRUE THEN '{}'", one.kind)
            })
            .collect();
        if arms.is_empty() {
            return "CAST(NULL AS TEXT)".to_owned();
        }
        format!("CASE {} END", arms.join(" "))
    }

    /// `{"column":[ours,theirs]}` of the columns that a pass compares; personal ones only say
    /// whether they are equal.
    pub(super) fn compared_json(&self, pass: &Pass, dialect: Dialect) -> String {
        let one = |one: &Compared| {
            let ours = self.at(Whose::Ours, &one.columns);
            let theirs = self.at(Whose::Theirs, &one.columns);
            let value = if one.columns.is_personal {
                let agrees = agrees(one, &ours, &theirs);
                format!("CASE WHEN {agrees} THEN 'true' ELSE 'false' END")
            } else {
                let (ours, theirs) = (json(dialect, &ours), json(dialect, &theirs));
                format!("'[' || {ours} || ',' || {theirs} || ']'")
            };
            format!("'\"{}\":' || {value}", one.columns.ours)
        };
        object_of(pass.compare.iter().map(one))
    }

    /// `{"column":value}` of the columns of a pass's key; personal ones are left out.
    pub(super) fn on_json(&self, pass: &Pass, whose: Whose, dialect: Dialect) -> String {
        let kept = pass.on.iter().filter(|columns| !columns.is_personal);
        object_of(kept.map(|columns| {
            let value = json(dialect, &self.at(whose, columns));
            format!("'\"{}\":' || {value}", columns.of(whose))
        }))
    }
}

/// Whether two columns agree: an amount that is not known agrees with nothing.
pub(super) fn agrees(one: &Compared, ours: &str, theirs: &str) -> String {
    match one.kind {
        BreakKind::Amount => format!("{ours} = {theirs}"),
        _ => format!("{ours} IS NOT DISTINCT FROM {theirs}"),
    }
}

fn object_of(members: impl Iterator<Item = String>) -> String {
    let members: Vec<String> = members.collect();
    if members.is_empty() {
        return "'{}'".to_owned();
    }
    format!("'{{' || {} || '}}'", members.join(" || ',' || "))
}

/// Conditions that all hold.
pub(super) fn all(conditions: impl IntoIterator<Item = String>) -> String {
    let conditions: Vec<String> = conditions.into_iter().collect();
    if conditions.is_empty() {
        return "1 = 1".to_owned();
    }
    conditions.join(" AND ")
}

/// The rows of a side that no pass claimed and whose key has no NULL.
pub(super) fn open_with_key(both: &Both, pass: &Pass, whose: Whose) -> String {
    let known = both.key(pass, whose).into_iter();
    let known = known.map(|column| format!("{column} IS NOT NULL"));
    format!("{} WHERE fate IS NULL AND {}", table(whose), all(known))
}

/// The numbers of open rows whose key no other open row of the side has.
pub(super) fn only_ones(both: &Both, pass: &Pass, whose: Whose) -> String {
    format!(
        "SELECT n FROM (SELECT n, COUNT(*) OVER (PARTITION BY {}) AS same FROM {}) AS counted \
         WHERE same = 1",
        both.key(pass, whose).join(", "),
        open_with_key(both, pass, whose)
    )
}
