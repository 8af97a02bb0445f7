//! `[connection.NAME.http]`: a peer that takes uploads.

use std::path::Path;

use super::BAD_SETTING;
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::transport::{
    Base, BodyPlan, HashKind, HttpPlan, HttpTimes, Output, SAID_OF_FILE, SAID_OF_SIGN, SignPlan,
    Subnet, Template,
};

const RAW_KEYS: &[Key] = &[Key::with_default(
    "content_type",
    KeyKind::Name,
    "application/octet-stream",
    "The type that is said of it.",
)];

const FILE: Key = Key::required("file", KeyKind::Name, "The field with the file.");
const FIELDS: Key = Key::optional(
    "fields",
    KeyKind::Values,
    "The other fields, texts with placeholders.",
);

const BODY_KEYS: &[Key] = &[
    Key::kind(
        "raw",
        KeyKind::Table(RAW_KEYS),
        "The file itself, JSON for example.",
    ),
    Key::kind(
        "multipart",
        KeyKind::Table(&[FILE, FIELDS]),
        "Parts of a form, one of them the file.",
    ),
    Key::kind(
        "form",
        KeyKind::Table(&[FILE, FIELDS]),
        "Fields of a form, one of them the file's text.",
    ),
];

const SIGN_KEYS: &[Key] = &[
    Key::with_default(
        "over",
        KeyKind::Name,
        "{sorted}",
        "The text that is signed; `{sorted}` are all parameters and fields without `{sign}`, by name.",
    ),
    Key::with_default(
        "url_encoded",
        KeyKind::Boolean,
        "false",
        "Whether that text is URL-encoded first.",
    ),
    Key::required(
        "with",
        KeyKind::OneOf(&[
            "md5",
            "sha256",
            "sm3",
            "hmac_md5",
            "hmac_sha256",
            "hmac_sm3",
        ]),
        "The digest, or the HMAC with the secret.",
    ),
    Key::with_default(
        "output",
        KeyKind::OneOf(&["lower", "upper", "base64"]),
        "lower",
        "How it is written: hex in small or capital letters, or Base64.",
    ),
];

const SECS: KeyKind = KeyKind::Integer {
    min: 1,
    max: 86_400,
};

/// The keys of a connection by HTTP.
pub(super) const HTTP_KEYS: &[Key] = &[
    Key::required("url", KeyKind::Name, "`https://host[:port][/path]`."),
    Key::required(
        "addresses",
        KeyKind::TextList,
        "The addresses and nets that the host may be at; asked of what its name resolves to.",
    ),
    Key::optional(
        "ca_file",
        KeyKind::Name,
        "The certificates that are believed, PEM; those of the system when absent.",
    ),
    Key::with_default(
        "method",
        KeyKind::OneOf(&["POST", "PUT"]),
        "POST",
        "The method.",
    ),
    Key::with_default(
        "path",
        KeyKind::Text,
        "",
        "The path after that of `url`, with placeholders.",
    ),
    Key::optional(
        "path_name",
        KeyKind::Values,
        "Replacements in the file's name for `{path_name}`.",
    ),
    Key::optional(
        "query",
        KeyKind::Values,
        "Parameters of the address, texts with placeholders.",
    ),
    Key::optional(
        "headers",
        KeyKind::Values,
        "Headers, texts with placeholders.",
    ),
    Key::optional(
        "body",
        KeyKind::Table(BODY_KEYS),
        "What a request carries; the file itself when absent.",
    ),
    Key::optional("sign", KeyKind::Table(SIGN_KEYS), "How `{sign}` is made."),
    Key::optional(
        "secret",
        KeyKind::Secret,
        "What `{secret}` and an HMAC use.",
    ),
    Key::with_default(
        "answers",
        KeyKind::Name,
        "var/answers",
        "The directory where the body of each answer is kept as `NAME.answer`, for a job to read.",
    ),
    Key::with_default(
        "repeat",
        KeyKind::Boolean,
        "false",
        "Whether the peer does nothing twice when it gets the same file twice, so that it is sent again when nobody knows what became of it.",
    ),
    Key::with_default("connect_secs", SECS, "10", "Until the connection stands."),
    Key::with_default(
        "idle_secs",
        SECS,
        "30",
        "Without a byte in either direction.",
    ),
    Key::with_default("total_secs", SECS, "120", "For all of it."),
    Key::with_default(
        "answer_bytes",
        KeyKind::Integer {
            min: 1,
            max: 67_108_864,
        },
        "1048576",
        "Bytes of an answer at most.",
    ),
];

/// Reads a connection by HTTP.
pub(super) fn read(
    section: &Section<'_>,
    base: &Path,
    problems: &mut Problems,
) -> Option<HttpPlan> {
    let url = section.text("url").and_then(|item| {
        let read = Base::new(&item.value);
        refused(read, &item, problems)
    });
    let addresses: Vec<Subnet> = section
        .texts("addresses")
        .unwrap_or_default()
        .iter()
        .filter_map(|item| refused(Subnet::new(&item.value), item, problems))
        .collect();
    let path = section
        .text("path")
        .and_then(|item| template(&item, &["sign"], problems));
    let sign = section.table("sign").map(|sign| read_sign(&sign, problems));
    let pairs = |key, problems: &mut Problems| templates(section, key, problems);
    let plan = HttpPlan {
        addresses,
        ca_file: section.text("ca_file").map(|item| base.join(item.value)),
        times: HttpTimes {
            connect: secs(section, "connect_secs")?,
            idle: secs(section, "idle_secs")?,
            total: secs(section, "total_secs")?,
        },
        answer_bytes: section.count("answer_bytes")?.value,
        answers: base.join(section.text("answers")?.value),
        may_repeat: section.boolean("repeat")?.value,
        method: section.word("method")?.value,
        path_name: texts(section, "path_name"),
        query: pairs("query", problems),
        headers: headers(section, problems),
        body: match section.table("body") {
            Some(body) => read_body(&body, problems)?,
            None => BodyPlan::Raw {
                content_type: "application/octet-stream".to_owned(),
            },
        },
        secret: section.secret("secret").map(|item| item.value),
        base: url?,
        path: path?,
        sign: match sign {
            Some(sign) => Some(sign?),
            None => None,
        },
    };
    check_secret(&plan, section, problems);
    Some(plan)
}

fn secs(section: &Section<'_>, key: &str) -> Option<u32> {
    u32::try_from(section.integer(key)?.value).ok()
}

fn refused<T>(read: Result<T, String>, item: &Item<String>, problems: &mut Problems) -> Option<T> {
    read.map_err(|found| problems.push(Problem::error(&BAD_SETTING, item.place.clone(), found)))
        .ok()
}

fn template(item: &Item<String>, more: &[&str], problems: &mut Problems) -> Option<Template> {
    let known: Vec<&str> = SAID_OF_FILE.iter().chain(more).copied().collect();
    refused(Template::new(&item.value, &known), item, problems)
}

/// Names with one text each, as they are written.
fn written(section: &Section<'_>, key: &str) -> Vec<(Item<String>, Item<String>)> {
    let mut found = Vec::new();
    for (name, values) in section.values(key).unwrap_or_default() {
        if let Some(item) = values.into_iter().next() {
            let text = match item.value {
                crate::value::Value::Text(text) => text,
                crate::value::Value::Int(number) => number.to_string(),
                _ => continue,
            };
            found.push((name, Item::new(text, item.place)));
        }
    }
    found
}

fn texts(section: &Section<'_>, key: &str) -> Vec<(String, String)> {
    let pairs = written(section, key).into_iter();
    pairs.map(|(name, text)| (name.value, text.value)).collect()
}

fn templates(section: &Section<'_>, key: &str, problems: &mut Problems) -> Vec<(String, Template)> {
    let mut found = Vec::new();
    for (name, text) in written(section, key) {
        found.extend(template(&text, &["sign"], problems).map(|template| (name.value, template)));
    }
    found
}

/// Headers whose names can be sent and are not those that every request has.
fn headers(section: &Section<'_>, problems: &mut Problems) -> Vec<(String, Template)> {
    const OWN: [&str; 6] = [
        "host",
        "connection",
        "content-length",
        "content-type",
        "transfer-encoding",
        "accept-encoding",
    ];
    for (name, _) in written(section, "headers") {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte);
        let is_plain = !name.value.is_empty() && name.value.bytes().all(is_token);
        if !is_plain || OWN.iter().any(|own| name.value.eq_ignore_ascii_case(own)) {
            let message = format!(
                "`{}` cannot be a header of the connection's own",
                name.value
            );
            problems.push(Problem::error(&BAD_SETTING, name.place, message));
        }
    }
    templates(section, "headers", problems)
}

fn read_body(section: &Section<'_>, problems: &mut Problems) -> Option<BodyPlan> {
    let (kind, keys) = section.one_of_tables(&["raw", "multipart", "form"], problems)?;
    if kind == "raw" {
        let content_type = keys.text("content_type")?;
        if content_type.value.chars().any(char::is_control) {
            let message = "a type has no control characters";
            problems.push(Problem::error(&BAD_SETTING, content_type.place, message));
        }
        return Some(BodyPlan::Raw {
            content_type: content_type.value,
        });
    }
    let file = keys.text("file")?.value;
    let fields = templates(&keys, "fields", problems);
    Some(match kind {
        "multipart" => BodyPlan::Multipart { file, fields },
        _ => BodyPlan::Form { file, fields },
    })
}

fn read_sign(section: &Section<'_>, problems: &mut Problems) -> Option<SignPlan> {
    let over = section
        .text("over")
        .and_then(|item| template(&item, SAID_OF_SIGN, problems));
    let with = section.word("with")?.value;
    Some(SignPlan {
        over: over?,
        is_url_encoded: section.boolean("url_encoded")?.value,
        with: match with.trim_start_matches("hmac_") {
            "md5" => HashKind::Md5,
            "sha256" => HashKind::Sha256,
            _ => HashKind::Sm3,
        },
        is_hmac: with.starts_with("hmac_"),
        output: match section.word("output")?.value {
            "upper" => Output::Upper,
            "base64" => Output::Base64,
            _ => Output::Lower,
        },
    })
}

/// What uses a secret needs one, and what uses a signature says how it is made.
fn check_secret(plan: &HttpPlan, section: &Section<'_>, problems: &mut Problems) {
    let pairs = [&plan.query, &plan.headers, plan.body.fields()]
        .into_iter()
        .flatten();
    let all: Vec<&Template> = pairs
        .map(|(_, template)| template)
        .chain([&plan.path])
        .collect();
    let sign = plan.sign.as_ref();
    let wants = |name: &str| all.iter().any(|template| template.wants(name));
    let mut refuse = |message: &str| {
        problems.push(Problem::error(&BAD_SETTING, section.place(), message));
    };
    if wants("sign") && !section.has("sign") {
        refuse("`{sign}` is used, and no `sign` says how it is made");
    }
    let is_keyed = sign.is_some_and(|sign| sign.is_hmac || sign.over.wants("secret"));
    if (is_keyed || wants("secret")) && plan.secret.is_none() {
        refuse("the secret is used, and no `secret` says where it is kept");
    }
    if plan.path.wants("secret")
        || plan
            .query
            .iter()
            .any(|(_, template)| template.wants("secret"))
    {
        refuse("`{secret}` stands in the address, where every log on the way keeps it");
    }
}
