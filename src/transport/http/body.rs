//! One request, ready to be written: its head, and what stands before and after the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use super::plan::{BodyPlan, HttpPlan};
use super::sign::{signature, url_encoded};
use super::{HttpError, Template};
use crate::digest::{PeerDigest, Sha256};
use crate::transport::TransportError;

/// The most bytes of a file that is sent as a field of a form.
const MAX_FORM_BYTES: u64 = 16 * 1024 * 1024;

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    /// Request line and headers, and what of the body stands before the file.
    pub(super) before: Vec<u8>,
    /// Whether the file itself follows.
    pub(super) has_file: bool,
    /// What stands after it.
    pub(super) after: Vec<u8>,
}

type Values<'v> = BTreeMap<&'v str, String>;

impl Request {
    pub(super) fn compose(
        plan: &HttpPlan,
        file: &mut File,
        (name, bytes): (&str, u64),
        secret: Option<&str>,
    ) -> Result<Self, TransportError> {
        let secret = secret.unwrap_or_default();
        let mut values = values(plan, file, name, bytes)
            .map_err(|source| TransportError::io("read", std::path::Path::new(name), source))?;
        values.insert("secret", secret.to_owned());
        let plain = |text: &str| text.to_owned();
        if let Some(sign) = &plan.sign {
            values.insert("sorted", sorted(plan, &values));
            let over = sign.over.text(&values, plain);
            values.insert("sign", signature(sign, &over, secret));
        }
        let body = match &plan.body {
            BodyPlan::Raw { content_type } => Body::raw(content_type, bytes),
            BodyPlan::Multipart { file, fields } => {
                Body::multipart(file, fields, &values, (name, bytes))?
            }
            BodyPlan::Form {
                file: field,
                fields,
            } => Body::form(field, fields, &values, (file, bytes))?,
        };
        let mut before = head(plan, &values, &body)?.into_bytes();
        before.extend(body.before);
        Ok(Self {
            before,
            has_file: body.has_file,
            after: body.after,
        })
    }
}

/// What templates can say about a file.
fn values(plan: &HttpPlan, file: &mut File, name: &str, bytes: u64) -> io::Result<Values<'static>> {
    static SENT: AtomicU64 = AtomicU64::new(0);
    file.seek(SeekFrom::Start(0))?;
    let (mut md5, mut sm3, mut sha256) = (
        PeerDigest::Md5.hasher(),
        PeerDigest::Sm3.hasher(),
        Sha256::new(),
    );
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        md5.update(part);
        sm3.update(part);
        sha256.update(part);
    }
    let md5 = md5.finish();
    let path_name = plan
        .path_name
        .iter()
        .fold(name.to_owned(), |name, (from, to)| name.replace(from, to));
    #[expect(
        clippy::disallowed_methods,
        reason = "a peer compares the moment of the request with its own clock"
    )]
    let millis = std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    let number = SENT.fetch_add(1, Ordering::Relaxed);
    let nonce = format!("{name} {millis} {number} {}", std::process::id());
    let nonce = Sha256::of(nonce.as_bytes()).to_string();
    Ok(Values::from([
        ("name", name.to_owned()),
        ("path_name", path_name),
        ("bytes", bytes.to_string()),
        ("md5_upper", md5.to_uppercase()),
        ("md5", md5),
        ("sha256", sha256.finish().to_string()),
        ("sm3", sm3.finish()),
        ("millis", millis.to_string()),
        ("nonce", nonce.chars().take(32).collect()),
    ]))
}

/// All parameters and fields that have no signature in them, by name.
fn sorted(plan: &HttpPlan, values: &Values<'_>) -> String {
    let all = plan.query.iter().chain(plan.body.fields());
    let mut pairs: Vec<(&str, String)> = all
        .filter(|(_, template)| !template.wants("sign"))
        .map(|(name, template)| (name.as_str(), template.text(values, str::to_owned)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// Request line and headers, with the empty line after them.
fn head(plan: &HttpPlan, values: &Values<'_>, body: &Body) -> Result<String, HttpError> {
    let base = &plan.base;
    let path = plan.path.text(values, path_encoded);
    let slash = if path.is_empty() { "" } else { "/" };
    let mut target = format!("{}{slash}{path}", base.path);
    if target.is_empty() {
        target.push('/');
    }
    for (at, (name, template)) in plan.query.iter().enumerate() {
        let mark = if at == 0 { '?' } else { '&' };
        let value = template.text(values, str::to_owned);
        target.push_str(&format!(
            "{mark}{}={}",
            url_encoded(name),
            url_encoded(&value)
        ));
    }
    let is_usual = base.port == if base.is_tls { 443 } else { 80 };
    let port = if is_usual {
        String::new()
    } else {
        format!(":{}", base.port)
    };
    let mut head = format!(
        "{} {target} HTTP/1.1\r\nhost: {}{port}\r\n",
        plan.method, base.host
    );
    let length = body.length.to_string();
    let own = [
        ("connection", "close"),
        ("user-agent", "dukou"),
        ("accept-encoding", "identity"),
        ("content-type", body.content_type.as_str()),
        ("content-length", length.as_str()),
    ];
    for (name, value) in own {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    for (name, template) in &plan.headers {
        let value = template.text(values, str::to_owned);
        sendable(&format!("the header `{name}`"), &value)?;
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    Ok(head)
}

fn sendable(what: &str, value: &str) -> Result<(), HttpError> {
    match value.chars().any(char::is_control) {
        true => Err(HttpError::Unsendable {
            what: what.to_owned(),
        }),
        false => Ok(()),
    }
}

/// As in a path, where `@` and some others need no encoding (RFC 3986, section 3.3).
fn path_encoded(value: &str) -> String {
    url_encoded(value).replace("%40", "@")
}

/// The body around the file.
struct Body {
    content_type: String,
    length: u64,
    before: Vec<u8>,
    has_file: bool,
    after: Vec<u8>,
}

impl Body {
    fn raw(content_type: &str, bytes: u64) -> Self {
        Self {
            content_type: content_type.to_owned(),
            length: bytes,
            before: Vec::new(),
            has_file: true,
            after: Vec::new(),
        }
    }

    /// `multipart/form-data` (RFC 7578).
    fn multipart(
        file: &str,
        fields: &[(String, Template)],
        values: &Values<'_>,
        (name, bytes): (&str, u64),
    ) -> Result<Self, HttpError> {
        // Sixty-four digits of the file's own digest stand in no file by accident.
        let boundary = format!(
            "dukou-{}",
            values.get("sha256").cloned().unwrap_or_default()
        );
        let mut before = String::new();
        for (field, template) in fields {
            let value = template.text(values, str::to_owned);
            sendable(&format!("the field `{field}`"), &value)?;
            before.push_str(&format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n{value}\r\n",
                quoted(field)
            ));
        }
        before.push_str(&format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n\
             content-type: application/octet-stream\r\n\r\n",
            quoted(file),
            quoted(name)
        ));
        let after = format!("\r\n--{boundary}--\r\n");
        Ok(Self {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            length: bytes + (before.len() + after.len()) as u64,
            before: before.into_bytes(),
            has_file: true,
            after: after.into_bytes(),
        })
    }

    /// `application/x-www-form-urlencoded`, the file's text in one of the fields.
    fn form(
        field: &str,
        fields: &[(String, Template)],
        values: &Values<'_>,
        (file, bytes): (&mut File, u64),
    ) -> Result<Self, TransportError> {
        let path = std::path::Path::new(field);
        if bytes > MAX_FORM_BYTES {
            return Err(TransportError::TooLarge {
                path: path.to_owned(),
                max_bytes: MAX_FORM_BYTES,
            });
        }
        let mut text = String::new();
        file.seek(SeekFrom::Start(0))
            .and_then(|_start| file.read_to_string(&mut text))
            .map_err(|source| TransportError::io("read", path, source))?;
        let mut pairs = vec![format!("{}={}", url_encoded(field), url_encoded(&text))];
        for (name, template) in fields {
            let value = template.text(values, str::to_owned);
            pairs.push(format!("{}={}", url_encoded(name), url_encoded(&value)));
        }
        let before = pairs.join("&").into_bytes();
        Ok(Self {
            content_type: "application/x-www-form-urlencoded".to_owned(),
            length: before.len() as u64,
            before,
            has_file: false,
            after: Vec::new(),
        })
    }
}

/// A name inside quotes of a header (WHATWG: multipart/form-data encoding algorithm).
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
