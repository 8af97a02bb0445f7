//! `[send.NAME]`: where outbound files of a job go, and how they are named and sealed.

use super::World;
use super::codes::BAD_JOB;
use super::companions;
use super::keyed::{self, Way};
use super::name::NameTemplate;
use crate::diag::{Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::envelope::{Envelope, GzipPlan, Lz77Plan, ZipPlan};
use crate::id::ConnectionName;
use crate::transport::{Companions, Folder};

const LZ77_KEYS: &[Key] = &[Key::optional(
    "max_content_bytes",
    KeyKind::POSITIVE,
    "Bytes it may open to; the limit of the settings when absent.",
)];

const MAX_CONTENT: Key = Key::optional(
    "max_content_bytes",
    KeyKind::POSITIVE,
    "Bytes of content it may open to; the limit of the settings when absent.",
);

const MAX_RATIO: Key = Key::with_default(
    "max_ratio",
    KeyKind::POSITIVE,
    "100",
    "Bytes of content for one sealed byte, above 1 MiB of content.",
);

const GZIP_KEYS: &[Key] = &[MAX_CONTENT, MAX_RATIO];

const ZIP_KEYS: &[Key] = &[
    Key::with_default(
        "entry",
        KeyKind::Name,
        "*",
        "Which entry is the content, with `*` and `?`: exactly one must fit.",
    ),
    super::entries::ENTRIES_KEY,
    Key::with_default("max_entries", KeyKind::POSITIVE, "1000", "Entries."),
    MAX_RATIO,
    MAX_CONTENT,
    Key::optional(
        "max_total_bytes",
        KeyKind::POSITIVE,
        "Bytes of content of all entries; the limit of the settings when absent.",
    ),
];

/// The keys of one envelope.
pub(super) const ENVELOPE_KEYS: &[Key] = &[
    Key::kind(
        "lz77",
        KeyKind::Table(LZ77_KEYS),
        "The clearing centre's own compression.",
    ),
    Key::kind(
        "gzip",
        KeyKind::Table(GZIP_KEYS),
        "gzip, also of several members.",
    ),
    Key::kind(
        "zip",
        KeyKind::Table(ZIP_KEYS),
        "A zip archive around one entry, or around several files.",
    ),
    keyed::SM4_CBC,
    keyed::AES_CBC,
    keyed::HMAC,
    keyed::SM2_SIGNATURE,
    keyed::SM2_OPENED,
    keyed::PSBC_SOP_OPENED,
];

const ZIP_SEALING_KEYS: &[Key] = &[Key::with_default(
    "ending",
    KeyKind::Text,
    "",
    "What the entry's name has behind that: `.xml`.",
)];

/// The keys of one envelope around what is sent.
const SEALING_KEYS: &[Key] = &[
    Key::kind(
        "lz77",
        KeyKind::Table(LZ77_KEYS),
        "The clearing centre's own compression.",
    ),
    Key::kind("gzip", KeyKind::Table(&[]), "gzip, of one member."),
    Key::kind(
        "zip",
        KeyKind::Table(ZIP_SEALING_KEYS),
        "A zip archive; its entry is named as the file without `.zip`.",
    ),
    keyed::SM4_CBC,
    keyed::AES_CBC,
    keyed::HMAC,
    keyed::SM2_SIGNATURE,
    keyed::SM2_SEALED,
    keyed::PSBC_SOP_SEALED,
];

/// The kinds of envelope.
const KINDS: &[&str] = &[
    "lz77",
    "gzip",
    "zip",
    "sm4_cbc",
    "aes_cbc",
    "hmac",
    "sm2_signature",
    "sm2",
    "psbc_sop",
];

/// The keys of a send.
pub(super) const SEND_KEYS: &[Key] = &[
    Key::required(
        "connection",
        KeyKind::Name,
        "The connection of the settings.",
    ),
    Key::with_default("path", KeyKind::Text, "", "The folder at the connection."),
    Key::required(
        "name",
        KeyKind::Name,
        "The file's name; `{number}` and `{number:020}` are the message number, `{day_number:03}` the number within the business day, `{business_date}` the day as YYYYMMDD, `{now:%Y%m%d%H%M%S%f}` the moment of composing (given once on the connection), `{setting:x}` a text of `[values]`, `{key:x}` a column that says which rows are sent.",
    ),
    Key::optional(
        "envelope",
        KeyKind::TableList(SEALING_KEYS),
        "What is put around the content, innermost first.",
    ),
    Key::required(
        "counter",
        KeyKind::Text,
        "The ledger counter that message numbers come from.",
    ),
    companions::COMPANION_KEY,
    companions::FLAG_KEY,
];

/// Where outbound files go.
#[derive(Debug, Clone)]
pub struct SendPlan {
    /// The connection.
    pub connection: ConnectionName,
    /// The folder there.
    pub folder: Folder,
    /// The name's pieces.
    pub name: NameTemplate,
    /// Innermost first.
    pub envelopes: Vec<Envelope>,
    /// The ledger counter of message numbers.
    pub counter: String,
    /// The files that follow each file.
    pub companions: Companions,
}

/// Reads one send.
pub(super) fn read(
    section: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<SendPlan> {
    let connection = super::connection(section, world, problems);
    let folder = super::folder(section, problems);
    let name = section
        .text("name")
        .and_then(|item| template(&item, world, problems));
    Some(SendPlan {
        connection: connection?,
        folder: folder?,
        name: name?,
        envelopes: section
            .table_list("envelope")
            .iter()
            .filter_map(|section| sealing(section, world, problems))
            .collect(),
        counter: section.text("counter")?.value,
        companions: companions::read(section, problems),
    })
}

fn template(
    item: &Item<String>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Option<NameTemplate> {
    NameTemplate::new(&item.value, &world.settings.values)
        .map_err(|found| problems.push(Problem::error(&BAD_JOB, item.place.clone(), found)))
        .ok()
}

/// Reads one envelope.
fn envelope(section: &Section<'_>, world: &World<'_>, problems: &mut Problems) -> Option<Envelope> {
    let (kind, keys) = section.one_of_tables(KINDS, problems)?;
    let limit = world.settings.limits.content_bytes;
    let bytes = |key| keys.count(key).map_or(limit, |item| item.value);
    let max_content_bytes = bytes("max_content_bytes");
    Some(match kind {
        "lz77" => Envelope::Lz77(Lz77Plan { max_content_bytes }),
        "gzip" => Envelope::Gzip(GzipPlan {
            max_content_bytes,
            max_ratio: keys.count("max_ratio")?.value,
        }),
        "zip" => Envelope::Zip(ZipPlan {
            entry: keys.text("entry")?.value,
            member: None,
            max_entries: keys.count("max_entries")?.value,
            max_ratio: keys.count("max_ratio")?.value,
            max_content_bytes,
            max_total_bytes: bytes("max_total_bytes"),
            is_around_another: false,
            spool: Some(world.settings.paths.staging.clone()),
        }),
        keyed => keyed::read(keyed, &keys, Way::Opened, world, problems)?,
    })
}

/// Reads the envelopes around what is fetched, outermost first.
pub(super) fn envelopes_around(
    root: &Section<'_>,
    world: &World<'_>,
    problems: &mut Problems,
) -> Vec<Envelope> {
    let sections = root.table_list("envelope");
    let read = sections.iter().enumerate().filter_map(|(index, section)| {
        let mut envelope = envelope(section, world, problems)?;
        if let Envelope::Zip(plan) = &mut envelope {
            plan.is_around_another = index + 1 < sections.len();
        }
        Some(envelope)
    });
    read.collect()
}

/// Nothing, or a point and letters and digits: the books keep it in the envelope's word.
fn ending(keys: &Section<'_>, problems: &mut Problems) -> Option<String> {
    let item = keys.text("ending")?;
    let is_plain = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric());
    if item.value.is_empty() || item.value.strip_prefix('.').is_some_and(is_plain) {
        return Some(item.value);
    }
    let message = format!("`{}` is no ending such as `.xml`", item.value);
    problems.push(Problem::error(&BAD_JOB, item.place, message));
    None
}

/// Reads one envelope around what is sent.
fn sealing(section: &Section<'_>, world: &World<'_>, problems: &mut Problems) -> Option<Envelope> {
    let (kind, keys) = section.one_of_tables(KINDS, problems)?;
    Some(match kind {
        "lz77" => Envelope::Lz77(Lz77Plan {
            max_content_bytes: keys
                .count("max_content_bytes")
                .map_or(world.settings.limits.content_bytes, |item| item.value),
        }),
        "gzip" => Envelope::Gzip(GzipPlan::default()),
        "zip" => Envelope::Zip(ZipPlan {
            entry: format!("*{}", ending(&keys, problems)?),
            ..ZipPlan::default()
        }),
        keyed => keyed::read(keyed, &keys, Way::Sealed, world, problems)?,
    })
}
