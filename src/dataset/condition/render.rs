//! A condition as SQL for either database.

use super::{AsOf, Check, Condition, Lookup, Operand, Order, Presence, Shared, Test};
use crate::dataset::column::ColumnType;
use crate::dataset::error::DatasetError;
use crate::dataset::sql::{SqlArgs, SqlContext, qualified, quote};
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
        match &test.check {
            Check::Null => format!("{column} IS NULL"),
            Check::Present => format!("{column} IS NOT NULL"),
            Check::OneOf(values) => self.one_of(test, &column, values),
            Check::NoneOf(values) => {
                let one_of = self.one_of(test, &column, values);
                format!("({column} IS NULL OR NOT {one_of})")
            }
            Check::Compare(order, operand) => self.compare(test, &column, *order, operand, outer),
        }
    }

    fn one_of(&mut self, test: &Test, column: &str, values: &[Value]) -> String {
        if test.column_type == ColumnType::Instant {
            // Each may be a moment or a day.
            let each = values.iter().map(|value| {
                self.compare(
                    test,
                    column,
                    Order::Equal,
                    &Operand::Value(value.clone()),
                    "",
                )
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
        test: &Test,
        column: &str,
        order: Order,
        operand: &Operand,
        outer: &str,
    ) -> String {
        let (left, right) = match operand {
            Operand::Value(value) => self.with_value(test.column_type, column, value),
            Operand::Column {
                name,
                column_type,
                days,
            } => {
                let other = qualified(outer, name);
                self.with_column((test.column_type, column), (*column_type, other), *days)
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
        days: i32,
    ) -> (String, String) {
        let context = self.context;
        match (left_type, right_type) {
            (ColumnType::Instant, ColumnType::Date) => {
                let left = context.local_date(self.args, left);
                (left, context.later_date(right, days))
            }
            (ColumnType::Date, ColumnType::Instant) => {
                let right = context.local_date(self.args, &right);
                (left.to_owned(), context.later_date(right, days))
            }
            (ColumnType::Date, _) => (left.to_owned(), context.later_date(right, days)),
            (ColumnType::Instant, _) => (left.to_owned(), context.later_instant(right, days)),
            _ => (left.to_owned(), right),
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
