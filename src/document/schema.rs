//! The same key tables as JSON Schema (draft 2020-12), for editors.
//!
//! Responsible for shape alone, which is all that a [`Key`] declares: what a name refers to is said
//! by `dukou check`. A table whose keys depend on something else is any table here. The one
//! invariant: what the reader takes without a problem of shape, the schema takes too.

use serde_json::{Map, Value as Json, json};

use super::key::{Key, KeyKind, Presence};
use super::value;

/// The dialect that the schemas are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A date, and a time of day: TOML's own and those in quotes both reach a schema as text.
const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const TIME: &str = "^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?$";

/// The schema of a whole file with these keys.
pub fn schema(title: &str, description: &str, keys: &[Key]) -> Json {
    let mut schema = table(keys);
    schema.insert("$schema".to_owned(), DIALECT.into());
    schema.insert("title".to_owned(), title.into());
    schema.insert("description".to_owned(), description.into());
    Json::Object(schema)
}

fn table(keys: &[Key]) -> Map<String, Json> {
    let named = |wanted: Presence| -> Vec<&str> {
        let of_presence = keys.iter().filter(|key| key.presence == wanted);
        of_presence.map(|key| key.name).collect()
    };
    let properties: Map<String, Json> = keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key)))
        .collect();
    let mut table = Map::new();
    table.insert("type".to_owned(), "object".into());
    table.insert("properties".to_owned(), properties.into());
    table.insert("additionalProperties".to_owned(), false.into());
    let required = named(Presence::Required);
    if !required.is_empty() {
        table.insert("required".to_owned(), required.into());
    }
    let kinds = named(Presence::Kind);
    if !kinds.is_empty() {
        let each = kinds.iter().map(|kind| json!({ "required": [kind] }));
        table.insert("oneOf".to_owned(), each.collect());
    }
    table
}

fn property(key: &Key) -> Json {
    let mut property = kind(&key.kind);
    if let Json::Object(object) = &mut property {
        object.insert("description".to_owned(), key.doc.into());
        if let Presence::Default(text) = key.presence {
            object.insert("default".to_owned(), default(text, &key.kind));
        }
    }
    property
}

fn default(text: &str, kind: &KeyKind) -> Json {
    let number = || match kind {
        KeyKind::Integer { .. } => text.parse::<i64>().ok().map(Json::from),
        KeyKind::Boolean => text.parse::<bool>().ok().map(Json::from),
        KeyKind::Ratio => text.parse::<f64>().ok().map(Json::from),
        _ => None,
    };
    debug_assert!(value::is_default_of(text, kind), "a default is checked");
    number().unwrap_or_else(|| text.into())
}

fn kind(kind: &KeyKind) -> Json {
    match kind {
        KeyKind::Text => json!({ "type": "string" }),
        KeyKind::Name => json!({ "type": "string", "pattern": "\\S" }),
        KeyKind::Integer { min, max } => integer(*min, *max),
        KeyKind::Boolean => json!({ "type": "boolean" }),
        KeyKind::Ratio => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        KeyKind::OneOf(words) => json!({ "type": "string", "enum": words }),
        KeyKind::Date => json!({ "type": "string", "pattern": DATE }),
        KeyKind::Time => json!({ "type": "string", "pattern": TIME }),
        KeyKind::TextList => list(json!({ "type": "string" })),
        KeyKind::TextOrList => one_or_several(json!({ "type": "string" })),
        KeyKind::WordList(words) => list(json!({ "type": "string", "enum": words })),
        KeyKind::Scalar => scalar(),
        KeyKind::ScalarOrList => one_or_several(scalar()),
        KeyKind::Values => {
            json!({ "type": "object", "additionalProperties": one_or_several(scalar()) })
        }
        KeyKind::Secret => secret(),
        KeyKind::Table(keys) => Json::Object(table(keys)),
        KeyKind::TableList(keys) => list(Json::Object(table(keys))),
        KeyKind::NamedTables(keys) => {
            json!({ "type": "object", "additionalProperties": table(keys) })
        }
        KeyKind::OpenTable => json!({ "type": "object" }),
        KeyKind::OpenTableList => list(json!({ "type": "object" })),
        KeyKind::OpenNamedTables => {
            json!({ "type": "object", "additionalProperties": { "type": "object" } })
        }
        KeyKind::Any => json!({ "type": ["string", "integer", "boolean", "array", "object"] }),
    }
}

/// An integer; limits that no limit of 64 bits adds to are left out.
fn integer(min: i64, max: i64) -> Json {
    let mut integer = Map::new();
    integer.insert("type".to_owned(), "integer".into());
    if min != i64::MIN {
        integer.insert("minimum".to_owned(), min.into());
    }
    if max != i64::MAX {
        integer.insert("maximum".to_owned(), max.into());
    }
    integer.into()
}

fn scalar() -> Json {
    json!({ "type": ["string", "integer", "boolean"] })
}

fn list(items: Json) -> Json {
    json!({ "type": "array", "items": items })
}

fn one_or_several(one: Json) -> Json {
    json!({ "anyOf": [one.clone(), list(one)] })
}

fn secret() -> Json {
    let text = json!({ "type": "string", "minLength": 1 });
    json!({
        "type": "object",
        "properties": { "env": text, "file": text, "credential": text },
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INNER: &[Key] = &[Key::with_default(
        "stable_secs",
        KeyKind::Integer { min: 0, max: 60 },
        "5",
        "Seconds.",
    )];
    const KEYS: &[Key] = &[
        Key::required("title", KeyKind::Name, "What it is."),
        Key::kind("pull", KeyKind::Table(INNER), "Fetch."),
        Key::kind("push", KeyKind::Table(INNER), "Send."),
    ];

    #[test]
    fn a_table_is_an_object_with_its_keys_and_no_others() {
        let inner = |doc: &str| {
            json!({
                "type": "object",
                "description": doc,
                "additionalProperties": false,
                "properties": { "stable_secs": {
                    "type": "integer", "minimum": 0, "maximum": 60, "default": 5,
                    "description": "Seconds.",
                }},
            })
        };
        assert_eq!(
            schema("A job", "One file.", KEYS),
            json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "A job",
                "description": "One file.",
                "type": "object",
                "additionalProperties": false,
                "required": ["title"],
                "oneOf": [{ "required": ["pull"] }, { "required": ["push"] }],
                "properties": {
                    "title": { "type": "string", "pattern": "\\S", "description": "What it is." },
                    "pull": inner("Fetch."),
                    "push": inner("Send."),
                },
            })
        );
    }

    #[test]
    fn limits_that_say_nothing_are_left_out() {
        assert_eq!(kind(&KeyKind::ANY_INTEGER), json!({ "type": "integer" }));
        assert_eq!(
            kind(&KeyKind::POSITIVE),
            json!({ "type": "integer", "minimum": 1 })
        );
    }
}
