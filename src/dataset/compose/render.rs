//! A composition as one `INSERT … SELECT` for either database.

use super::{Compose, ComposeContext, Expression, Scope, Total};
use crate::dataset::condition::{Lookup, Presence, Rendering};
use crate::dataset::error::DatasetError;
use crate::dataset::sql::{SqlArgs, SqlContext, qualified, quote, quote_list};
use crate::dataset::table::LINEAGE;
use crate::id::Ident;
use crate::value::{Kind, Value};

/// The alias of the rows composed from.
const SOURCE: &str = "src";
/// The alias of the rows counted or summed.
const COUNTED: &str = "part";

pub(super) fn statement(
    rows: &Compose,
    scope: Scope,
    context: &ComposeContext,
    args: &mut SqlArgs,
    sql: SqlContext<'_>,
) -> Result<String, DatasetError> {
    let mut values = Vec::new();
    for (column, expression) in &rows.set {
        values.push(value(rows, (column, expression), context, args, sql)?);
    }
    for name in LINEAGE {
        values.push(match rows.from {
            Some(_) => qualified(SOURCE, name),
            None => "0".to_owned(),
        });
    }
    let columns = rows.set.iter().map(|(column, _)| column.as_str());
    let mut statement = format!(
        "INSERT INTO {} ({}) SELECT {}",
        quote(rows.target.name()),
        quote_list(columns.chain(LINEAGE)),
        values.join(", ")
    );
    if let Some(from) = &rows.from {
        let from = match scope {
            Scope::All => from.clone(),
            Scope::File(file) => from.clone().and_of_file(file),
        };
        let condition = from.to_sql(SOURCE, args, sql)?;
        let table = quote(from.dataset());
        let rows = format!(" FROM {table} AS {SOURCE} WHERE {condition}");
        statement.push_str(&rows);
    }
    Ok(statement)
}

fn value(
    rows: &Compose,
    (column, expression): (&Ident, &Expression),
    context: &ComposeContext,
    args: &mut SqlArgs,
    sql: SqlContext<'_>,
) -> Result<String, DatasetError> {
    let not_given = |what: &'static str, name: &str| DatasetError::NotGiven {
        dataset: rows.target.name().clone(),
        what,
        name: name.to_owned(),
    };
    let value = match expression {
        Expression::Column(name) => return Ok(qualified(SOURCE, name)),
        Expression::Count(total) => return number(rows, "COUNT(*)", total, args, sql),
        Expression::Sum(name, total) => {
            let sum = qualified(COUNTED, name);
            let sum = format!("CAST(COALESCE(SUM({sum}), 0) AS BIGINT)");
            return number(rows, &sum, total, args, sql);
        }
        Expression::Value(value) => value.clone(),
        Expression::Now => Value::Instant(context.now),
        Expression::Setting(name) => {
            let text = sql.given.settings.get(name);
            Value::from(text.ok_or_else(|| not_given("setting", name))?.as_str())
        }
        Expression::Number => {
            let number = context.number;
            Value::Int(number.ok_or_else(|| not_given("the message number for", column.as_str()))?)
        }
        Expression::Context(name) => {
            let value = context.values.get(name);
            value.ok_or_else(|| not_given("value", name))?.clone()
        }
    };
    let expected = rows.target.kind_of(column.as_str())?;
    check_kind(rows, column, expression, value.kind(), expected)?;
    let placeholder = args.push(value);
    Ok(sql.typed(&placeholder, expected))
}

fn check_kind(
    rows: &Compose,
    column: &Ident,
    expression: &Expression,
    found: Kind,
    expected: Kind,
) -> Result<(), DatasetError> {
    if found == expected {
        return Ok(());
    }
    let name = match expression {
        Expression::Context(name) => name.clone(),
        _ => column.to_string(),
    };
    Err(DatasetError::GivenKind {
        dataset: rows.target.name().clone(),
        name,
        column: column.clone(),
        found,
        expected,
    })
}

fn number(
    rows: &Compose,
    expression: &str,
    total: &Total,
    args: &mut SqlArgs,
    sql: SqlContext<'_>,
) -> Result<String, DatasetError> {
    let lookup = Lookup {
        dataset: total.dataset.clone(),
        presence: Presence::Exists,
        on: total.on.clone(),
        as_of: None,
        tests: total.tests.clone(),
    };
    let mut rendering = Rendering::new(args, sql);
    let belongs = rendering.belongs(&lookup, COUNTED, SOURCE);
    rendering.finish(rows.target.name())?;
    let table = quote(&total.dataset);
    Ok(format!(
        "(SELECT {expression} FROM {table} AS {COUNTED} WHERE {belongs})"
    ))
}
