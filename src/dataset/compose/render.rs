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
        statement.push_str(&format!(" FROM {table} AS {SOURCE} WHERE {condition}"));
        if let Some(split) = context.split {
            let limit = i64::from(split.rows) * i64::from(split.messages);
            let order = key_order(rows);
            statement.push_str(&format!(" ORDER BY {order} LIMIT {limit}"));
        }
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
            let number =
                number.ok_or_else(|| not_given("the message number for", column.as_str()))?;
            if let Some(split) = context.split.filter(|_| rows.from.is_some()) {
                let first = sql.typed(&args.push(number), Kind::Int);
                let order = key_order(rows);
                let per_message = split.rows;
                return Ok(format!(
                    "({first} + (ROW_NUMBER() OVER (ORDER BY {order}) - 1) / {per_message})"
                ));
            }
            Value::Int(number)
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

/// The columns by which the rows composed from are in order.
fn key_order(rows: &Compose) -> String {
    let key = rows.source_key.iter();
    let key: Vec<String> = key.map(|name| qualified(SOURCE, name)).collect();
    key.join(", ")
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
