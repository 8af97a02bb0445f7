//! A condition as SQL for either database.

use super::{
    AsOf, Check, Condition, Later, Lookup, Operand, Order, Period, Presence, Shared, Test,
    Tolerance, Total,
};
use crate::dataset::column::ColumnType;
use crate::dataset::error::DatasetError;
use crate::dataset::sql::{End, SqlArgs, SqlContext, qualified, quote};
use crate::id::Ident;
use crate::value::Value;

/// What every condition means when it has no part. Both databases read it as true.
const ALWAYS: &str = "1 = 1";

impl Condition {
    /// An expression that is true of the rows it holds of. `alias` is the alias of its dataset's
    /// table in the statement; aliases that begin with `look`, `late` and `force` belong to this one.
    ///
    /// Errors: [`DatasetError::NotGiven`], when a setting is not there.
    pub fn to_sql(
        &self,
        alias: &str,
        args: &mut SqlArgs,
        context: SqlContext<'_>,
    ) -> Result<String, DatasetError> {
        self.to_sql_beside(None, alias, args, context)
    }

    /// The same in a statement whose rows have the joins of `shared`.
    pub(in crate::dataset) fn to_sql_beside(
        &self,
        shared: Option<&Shared<'_>>,
        alias: &str,
        args: &mut SqlArgs,
        context: SqlContext<'_>,
    ) -> Result<String, DatasetError> {
        let mut rendering = Rendering::new(args, context);
        rendering.shared = shared;
        let sql = rendering.condition(self, alias);
        rendering.finish(&self.dataset)?;
        Ok(sql)
    }
}

/// Renders one statement's conditions; [`Rendering::finish`] says whether all was there.
pub(in crate::dataset) struct Rendering<'a> {
    args: &'a mut SqlArgs,
    context: SqlContext<'a>,
    /// What the statement's rows are joined to.
    shared: Option<&'a Shared<'a>>,
    not_given: Option<String>,
}

impl<'a> Rendering<'a> {
    pub(in crate::dataset) fn new(args: &'a mut SqlArgs, context: SqlContext<'a>) -> Self {
        Self {
            args,
            context,
            shared: None,
            not_given: None,
        }
    }

    pub(in crate::dataset) fn finish(self, dataset: &Ident) -> Result<(), DatasetError> {
        match self.not_given {
            None => Ok(()),
            Some(name) => Err(DatasetError::NotGiven {
                dataset: dataset.clone(),
                what: "setting",
                name,
            }),
        }
    }

    /// A text of the settings, as an argument.
    pub(in crate::dataset) fn setting(&mut self, name: &str) -> String {
        let text = self.context.given.settings.get(name).cloned();
        if text.is_none() {
            self.not_given = Some(name.to_owned());
        }
        self.args.push(text.unwrap_or_default())
    }
    pub(in crate::dataset) fn condition(&mut self, condition: &Condition, alias: &str) -> String {
        let mut parts = Vec::new();
        for test in &condition.tests {
            parts.push(self.test(test, alias, alias));
        }
        for (number, lookup) in condition.lookups.iter().enumerate() {
            parts.push(self.lookup(lookup, &format!("look{number}"), alias));
        }
        for (number, total) in condition.totals.iter().enumerate() {
            self.total(total, &format!("look_all{number}"), alias, &mut parts);
        }
        if !condition.duplicate.is_empty() {
            parts.push(duplicate(&condition.dataset, &condition.duplicate, alias));
        }
        all(&parts)
    }

    fn lookup(&mut self, lookup: &Lookup, theirs: &str, ours: &str) -> String {
        let not = match lookup.presence {
            Presence::Exists => "",
            Presence::Missing => "NOT ",
        };
        if let Some((joined, effective)) = self.shared.and_then(|shared| shared.in_force(lookup)) {
            let is_there = format!("{} IS NOT NULL", qualified(&joined, effective));
            let mut parts = vec![is_there];
            for test in &lookup.tests {
                parts.push(self.test(test, &joined, ours));
            }
            // A row that a test says nothing of is one that it does not hold of.
            return format!("{not}(({}) IS TRUE)", all(&parts));
        }
        let table = quote(&lookup.dataset);
        let belongs = self.belongs(lookup, theirs, ours);
        let exists = format!("EXISTS (SELECT 1 FROM {table} AS {theirs} WHERE {belongs})");
        match self.shared.and_then(|shared| shared.any_moment(lookup)) {
            Some((joined, effective)) => {
                let is_there = format!("{} IS NOT NULL", qualified(&joined, effective));
                format!("{not}({is_there} OR {exists})")
            }
            None => format!("{not}{exists}"),
        }
    }

    /// What must hold of the rows counted or added up.
    fn total(&mut self, total: &Total, theirs: &str, ours: &str, parts: &mut Vec<String>) {
        for check in &total.checks {
            let what = match &total.sum {
                None => "COUNT(*)".to_owned(),
                Some(column) => format!("COALESCE(SUM({}), 0)", qualified(theirs, column)),
            };
            let table = quote(&total.rows.dataset);
            let belongs = self.belongs(&total.rows, theirs, ours);
            let found =
                format!("(SELECT CAST({what} AS BIGINT) FROM {table} AS {theirs} WHERE {belongs})");
            parts.push(self.check(total.column_type, &found, check, ours));
        }
    }

    /// Whether a row under `theirs` belongs to the one under `ours`.
    pub(in crate::dataset) fn belongs(
        &mut self,
        lookup: &Lookup,
        theirs: &str,
        ours: &str,
    ) -> String {
        let mut parts: Vec<String> = lookup
            .on
            .iter()
            .map(|(their, our)| format!("{} = {}", qualified(theirs, their), qualified(ours, our)))
            .collect();
        if let Some(as_of) = &lookup.as_of {
            parts.push(in_force(lookup, as_of, theirs, ours));
        }
        for test in &lookup.tests {
            parts.push(self.test(test, theirs, ours));
        }
        all(&parts)
    }

    /// `alias` is the row tested, `outer` the one that operands name columns of.
    fn test(&mut self, test: &Test, alias: &str, outer: &str) -> String {
        let column = qualified(alias, &test.column);
        self.check(test.column_type, &column, &test.check, outer)
    }

    /// `column` is what is tested, of that type.
    fn check(&mut self, of: ColumnType, column: &str, check: &Check, outer: &str) -> String {
        match check {
            Check::Null => format!("{column} IS NULL"),
            Check::Present => format!("{column} IS NOT NULL"),
            Check::OneOf(values) => self.one_of(of, column, values),
            Check::NoneOf(values) => {
                let one_of = self.one_of(of, column, values);
                format!("({column} IS NULL OR NOT {one_of})")
            }
            Check::Compare(order, operand) => self.compare(of, column, *order, operand, outer),
            Check::Apart(other, tolerance) => {
                let other = qualified(outer, other);
                self.context.apart(column, &other, *tolerance)
            }
        }
    }

    fn one_of(&mut self, of: ColumnType, column: &str, values: &[Value]) -> String {
        if of == ColumnType::Instant {
            // Each may be a moment or a day.
            let each = values.iter().map(|value| {
                self.compare(of, column, Order::Equal, &Operand::Value(value.clone()), "")
            });
            return format!("({})", each.collect::<Vec<_>>().join(" OR "));
        }
        let places: Vec<_> = values
            .iter()
            .map(|value| self.args.push(value.clone()))
            .collect();
        match places.as_slice() {
            [one] => format!("({column} = {one})"),
            _ => format!("({column} IN ({}))", places.join(", ")),
        }
    }

    fn compare(
        &mut self,
        of: ColumnType,
        column: &str,
        order: Order,
        operand: &Operand,
        outer: &str,
    ) -> String {
        let (left, right) = match operand {
            Operand::Value(value) => self.with_value(of, column, value),
            Operand::Column {
                name,
                column_type,
                later,
            } => {
                let other = qualified(outer, name);
                self.with_column((of, column), (*column_type, other), *later)
            }
            Operand::Setting(name) => (column.to_owned(), self.setting(name)),
        };
        format!("{left} {} {right}", order.operator())
    }

    fn with_value(&mut self, left: ColumnType, column: &str, value: &Value) -> (String, String) {
        let left = match (left, value) {
            (ColumnType::Instant, Value::Date(_)) => self.context.local_date(self.args, column),
            _ => column.to_owned(),
        };
        let right = self.args.push(value.clone());
        (left, right)
    }

    /// An instant and a date meet as dates.
    fn with_column(
        &mut self,
        (left_type, left): (ColumnType, &str),
        (right_type, right): (ColumnType, String),
        later: Later,
    ) -> (String, String) {
        let context = self.context;
        let by_day = later.months != 0 || later.end_of.is_some();
        let is_instant = |of| of == ColumnType::Instant;
        match (left_type, right_type) {
            (ColumnType::Instant, ColumnType::Instant) if !by_day => {
                (left.to_owned(), context.later_instant(right, later.days))
            }
            (ColumnType::Date | ColumnType::Instant, _) => {
                let left = match is_instant(left_type) {
                    true => context.local_date(self.args, left),
                    false => left.to_owned(),
                };
                let right = match is_instant(right_type) {
                    true => context.local_date(self.args, &right),
                    false => right,
                };
                (left, context.later(right, later))
            }
            _ => (left.to_owned(), right),
        }
    }
}

impl SqlContext<'_> {
    fn later(self, date: String, later: Later) -> String {
        let date = self.later_months(date, later.months);
        let date = self.later_date(date, later.days);
        match later.end_of {
            None => date,
            Some(Period::Month) => self.end_of(&date, End::Month),
            Some(Period::Year) => self.end_of(&date, End::Year),
        }
    }

    /// Whether two numbers are further apart than that; the second is the base of percentages.
    fn apart(self, left: &str, right: &str, tolerance: Tolerance) -> String {
        let (left, right) = (self.wide(left), self.wide(right));
        let between = format!("ABS({left} - {right})");
        match tolerance {
            Tolerance::Amount(most) => format!("{between} > {most}"),
            Tolerance::Percent(hundredths) => {
                format!("{between} * 10000 > ABS({right}) * {hundredths}")
            }
        }
    }
}

impl Order {
    fn operator(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Different => "IS DISTINCT FROM",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }
}

/// The row in force: the latest of its group that is not later than our moment.
///
/// Group columns that the lookup ties to ours are taken from our row, so that the maximum is one
/// descent of the primary key per row of ours and the row itself another.
pub(super) fn in_force(lookup: &Lookup, as_of: &AsOf, theirs: &str, ours: &str) -> String {
    let late = format!("late_{theirs}");
    let mut parts: Vec<String> = Vec::new();
    for name in &as_of.group {
        let tied = lookup.on.iter().find(|(their, _)| their == name);
        let same = match tied {
            Some((_, our)) => qualified(ours, our),
            None => qualified(theirs, name),
        };
        parts.push(format!("{} = {same}", qualified(&late, name)));
    }
    let effective = qualified(&late, &as_of.effective);
    parts.push(format!("{effective} <= {}", qualified(ours, &as_of.at)));
    format!(
        "{} = (SELECT MAX({effective}) FROM {} AS {late} WHERE {})",
        qualified(theirs, &as_of.effective),
        quote(&lookup.dataset),
        all(&parts)
    )
}

fn duplicate(dataset: &Ident, columns: &[Ident], alias: &str) -> String {
    let earlier = "look_before";
    let mut parts: Vec<String> = columns
        .iter()
        .map(|name| format!("{} = {}", qualified(earlier, name), qualified(alias, name)))
        .collect();
    let file = |of: &str| qualified(of, "lineage_file");
    let record = |of: &str| qualified(of, "lineage_record");
    parts.push(format!(
        "({0} < {1} OR ({0} = {1} AND {2} < {3}))",
        file(earlier),
        file(alias),
        record(earlier),
        record(alias)
    ));
    format!(
        "EXISTS (SELECT 1 FROM {} AS {earlier} WHERE {})",
        quote(dataset),
        all(&parts)
    )
}

fn all(parts: &[String]) -> String {
    if parts.is_empty() {
        return ALWAYS.to_owned();
    }
    parts.join(" AND ")
}
