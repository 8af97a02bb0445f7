//! What stands around the content of a file: bytes to bytes, in both directions.
//!
//! Responsible for opening and sealing envelopes as streams, with every length bounded. Not for
//! paths, records or digests. The engine opens what landed and seals what leaves. The one
//! invariant: an opened stream either yields exactly what was sealed or ends in an error; it never
//! ends early in silence and never grows past its limit.

mod error;
mod gzip;
mod keyed;
mod lz77;
mod zip;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use crate::diag::Code;

pub use error::{Damage, EnvelopeError, Refused};
pub use keyed::{
    Armour, BlockCipher, CbcPlan, Iv, Proof, ProofPlace, ProofPlan, PsbcSopPlan, SignatureForm,
    Sm2Order, Sm2Plan, SopBody,
};

use crate::key::Keyring;
use keyed::Keyed;

/// How the clearing centre's LZ77 container is opened and sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lz77Plan {
    /// The most bytes of content that a container may open to. Default 20 GiB.
    pub max_content_bytes: u64,
}

impl Default for Lz77Plan {
    fn default() -> Self {
        Self {
            max_content_bytes: 20 << 30,
        }
    }
}

/// How gzip is opened and sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GzipPlan {
    /// The most bytes of content that it may open to. Default 20 GiB.
    pub max_content_bytes: u64,
    /// The most bytes of content for one byte of gzip, above 1 MiB of content. Default 100.
    pub max_ratio: u64,
}

impl Default for GzipPlan {
    fn default() -> Self {
        Self {
            max_content_bytes: 20 << 30,
            max_ratio: 100,
        }
    }
}

/// How a zip archive is opened and sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZipPlan {
    /// Opened: which entry is the content, with `*` and `?`; exactly one must fit. Sealed: the
    /// entry's name. Default `*`.
    pub entry: String,
    /// Opened: the entry that is the content, by its whole name; `entry` is not asked then. For an
    /// archive whose entries are files of their own, after [`Self::entries`] has proven it. An
    /// entry that cannot be opened is then its own affair and harms no other.
    pub member: Option<String>,
    /// The most entries. Default 1,000.
    pub max_entries: u64,
    /// The most bytes of content for one byte of an entry, above 1 MiB of content. Default 100.
    pub max_ratio: u64,
    /// The most bytes that an entry may open to. Default 20 GiB.
    pub max_content_bytes: u64,
    /// The most bytes that all entries may open to together. Default 20 GiB.
    pub max_total_bytes: u64,
    /// Whether another envelope is declared inside, so that an entry may be an archive itself.
    pub is_around_another: bool,
    /// Where unnamed spool files lie; the system's temporary directory when absent.
    pub spool: Option<PathBuf>,
}

impl Default for ZipPlan {
    fn default() -> Self {
        Self {
            entry: "*".to_owned(),
            member: None,
            max_entries: 1_000,
            max_ratio: 100,
            max_content_bytes: 20 << 30,
            max_total_bytes: 20 << 30,
            is_around_another: false,
            spool: None,
        }
    }
}

impl ZipPlan {
    /// The names of all entries of an archive, in its order, none of them a path and no two alike.
    /// Proven are the directory, what stands before each entry, the number of entries and the
    /// bytes of all that can be opened; nothing is unpacked. What refuses the archive is an
    /// [`EnvelopeError`] inside the error.
    pub fn entries(&self, archive: File) -> io::Result<Vec<String>> {
        zip::entry_names(Sealed::File(archive), self)
    }
}

/// Sealed bytes: a file, which can be read from any place, or a stream.
pub enum Sealed {
    /// A file, rewound to its start.
    File(File),
    /// What another envelope opened.
    Stream(Box<dyn Read + Send>),
}

impl Sealed {
    fn into_stream(self) -> Box<dyn Read + Send> {
        match self {
            Self::File(file) => Box::new(file),
            Self::Stream(stream) => stream,
        }
    }
}

/// One envelope. A new kind is a new variant, with its match arms here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Envelope {
    /// The clearing centre's own LZ77 container (not zlib, gzip or 7z).
    Lz77(Lz77Plan),
    /// gzip, one or several members.
    Gzip(GzipPlan),
    /// A zip archive, of which one entry is the content.
    Zip(ZipPlan),
    /// SM4 or AES in CBC mode.
    Cbc(CbcPlan),
    /// An HMAC or an SM2 signature beside the content.
    Proof(ProofPlan),
    /// SM2 encryption.
    Sm2(Sm2Plan),
    /// The real-time envelope of PSBC's open platform.
    PsbcSop(PsbcSopPlan),
}

impl Envelope {
    /// The kind's word, as the books keep it of what was opened.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Cbc(plan) => plan.cipher.word(),
            Self::Proof(plan) => plan.proof.word(),
            Self::Sm2(_) => "sm2",
            Self::PsbcSop(_) => "psbc_sop",
            Self::Lz77(_) => "lz77",
            Self::Gzip(_) => "gzip",
            Self::Zip(_) => "zip",
        }
    }

    /// All that is needed to seal with it again, as the books keep it of a delivery: the word, and
    /// for a keyed envelope what is declared of it, keys by their names.
    pub fn written(&self) -> String {
        match self {
            // The ending of its entry's name.
            Self::Zip(plan) => format!("zip{}", plan.entry.strip_prefix('*').unwrap_or_default()),
            other => other
                .keyed()
                .map_or_else(|| other.word().to_owned(), |keyed| keyed::written(&keyed)),
        }
    }

    /// The envelopes that were written, joined by `+`, outermost last, to seal what is sent as
    /// `name`. `spool` is where unnamed files lie. A text that names no envelope is an error: what
    /// should be sealed must not leave without it.
    pub fn for_sealing(
        written: &str,
        name: &str,
        spool: &std::path::Path,
    ) -> Result<Vec<Self>, EnvelopeError> {
        // Names of entries are known from the outside.
        let mut name = name.to_owned();
        let mut envelopes = Vec::new();
        for text in written.split('+').rev().filter(|text| !text.is_empty()) {
            envelopes.push(match text {
                "lz77" => Self::Lz77(Lz77Plan::default()),
                "gzip" => {
                    name.truncate(name.strip_suffix(".gz").map_or(name.len(), str::len));
                    Self::Gzip(GzipPlan::default())
                }
                zip if zip == "zip" || zip.starts_with("zip.") => {
                    name = zip::entry_name(&name);
                    name.push_str(zip.strip_prefix("zip").unwrap_or_default());
                    Self::Zip(ZipPlan {
                        entry: name.clone(),
                        spool: Some(spool.to_owned()),
                        ..ZipPlan::default()
                    })
                }
                keyed => {
                    let inner = KEYED_ENDINGS.iter().find_map(|end| name.strip_suffix(end));
                    name.truncate(inner.map_or(name.len(), str::len));
                    keyed::read(keyed, spool).ok_or_else(|| EnvelopeError::UnknownKind {
                        written: keyed.to_owned(),
                    })?
                }
            });
        }
        envelopes.reverse();
        Ok(envelopes)
    }

    /// Lets unnamed spool files lie in another directory.
    pub fn spool_in(&mut self, directory: &std::path::Path) {
        let spool = match self {
            Self::Zip(plan) => &mut plan.spool,
            Self::Cbc(plan) => &mut plan.spool,
            Self::Proof(plan) => &mut plan.spool,
            Self::Lz77(_) | Self::Gzip(_) | Self::Sm2(_) | Self::PsbcSop(_) => return,
        };
        *spool = Some(directory.to_owned());
    }

    fn keyed(&self) -> Option<Keyed<'_>> {
        match self {
            Self::Cbc(plan) => Some(Keyed::Cbc(plan)),
            Self::Proof(plan) => Some(Keyed::Proof(plan)),
            Self::Sm2(plan) => Some(Keyed::Sm2(plan)),
            Self::PsbcSop(plan) => Some(Keyed::PsbcSop(plan)),
            Self::Lz77(_) | Self::Gzip(_) | Self::Zip(_) => None,
        }
    }

    /// The content of `sealed`, as a stream, without any key. Damage shows when it is reached: read
    /// errors then hold an [`EnvelopeError`], which [`EnvelopeError::from_io`] finds; errors of
    /// `sealed` itself pass through unchanged.
    pub fn open(&self, sealed: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        self.open_sealed(Sealed::Stream(sealed))
    }

    /// The same of a file or a stream; a zip archive is read in place from a file, and spooled from
    /// a stream.
    pub fn open_sealed(&self, sealed: Sealed) -> Box<dyn Read + Send> {
        self.open_with(sealed, &Keyring::none())
    }

    /// The same with keys. What is proven is proven before the first byte is yielded.
    pub fn open_with(&self, sealed: Sealed, keys: &Keyring) -> Box<dyn Read + Send> {
        match self {
            Self::Lz77(plan) => Box::new(lz77::Opened::new(sealed.into_stream(), plan)),
            Self::Gzip(plan) => Box::new(gzip::Opened::new(sealed.into_stream(), plan)),
            Self::Zip(plan) => Box::new(zip::Opened::new(sealed, plan)),
            Self::Cbc(plan) => Box::new(Keyed::Cbc(plan).open(sealed, keys)),
            Self::Proof(plan) => Box::new(Keyed::Proof(plan).open(sealed, keys)),
            Self::Sm2(plan) => Box::new(Keyed::Sm2(plan).open(sealed, keys)),
            Self::PsbcSop(plan) => Box::new(Keyed::PsbcSop(plan).open(sealed, keys)),
        }
    }

    /// Seals `content` into `sealed`, without any key, and says how many bytes that took. The same
    /// content always gives the same bytes.
    pub fn seal(
        &self,
        content: &mut dyn Read,
        sealed: &mut dyn Write,
    ) -> Result<u64, EnvelopeError> {
        self.seal_with(content, sealed, &Keyring::none())
    }

    /// The same with keys: the same content and the same keys always give the same bytes.
    pub fn seal_with(
        &self,
        content: &mut dyn Read,
        sealed: &mut dyn Write,
        keys: &Keyring,
    ) -> Result<u64, EnvelopeError> {
        match self {
            Self::Lz77(_) => lz77::seal(content, sealed),
            Self::Gzip(_) => gzip::seal(content, sealed),
            Self::Zip(plan) => zip::seal(content, sealed, plan),
            Self::Cbc(plan) => Keyed::Cbc(plan).seal(content, sealed, keys),
            Self::Proof(plan) => Keyed::Proof(plan).seal(content, sealed, keys),
            Self::Sm2(plan) => Keyed::Sm2(plan).seal(content, sealed, keys),
            Self::PsbcSop(plan) => Keyed::PsbcSop(plan).seal(content, sealed, keys),
        }
    }
}

/// Endings of names that keyed envelopes add, by custom.
const KEYED_ENDINGS: &[&str] = &[".enc", ".sm4", ".aes", ".sm2", ".sig"];

/// Copies everything, telling a failed read from a failed write.
fn copy(
    from: &mut (impl Read + ?Sized),
    to: &mut (impl Write + ?Sized),
) -> Result<(), EnvelopeError> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(EnvelopeError::Read(error)),
        };
        let part = buffer.get(..count).unwrap_or_default();
        to.write_all(part).map_err(EnvelopeError::Write)?;
    }
}

/// The bytes are no container, or a damaged one.
pub const ENVELOPE_DAMAGED: Code = Code {
    id: "envelope-damaged",
    title: "the envelope around a file cannot be opened",
    title_zh: "文件封装损坏或格式不符",
    help: "The bytes are not a container of the declared kind, or part of them is lost or altered. The message \
           names the block and the byte. Nothing of the file is loaded. Check that the job declares the right \
           envelope and that the file was transferred in binary mode and completely; then ask the partner to \
           send it again.",
};

/// The container opens to more than is allowed.
pub const ENVELOPE_TOO_LARGE: Code = Code {
    id: "envelope-too-large",
    title: "the envelope opens to more bytes than are allowed",
    title_zh: "文件解压后超过上限",
    help: "The content is larger than `max_content_bytes` of the envelope. If the partner really sends files of \
           that size, raise the limit in the job; otherwise treat the file as hostile.",
};

/// The archive could do harm.
pub const ENVELOPE_HOSTILE: Code = Code {
    id: "envelope-hostile",
    title: "an archive has something that no honest exchange needs",
    title_zh: "压缩包含有不应出现的内容",
    help: "Names with paths, two entries of one name, links, encryption, archives inside, bytes that belong to no \
           entry, or headers that contradict each other. The message names the entry. Nothing of the file is \
           loaded. Ask the partner how the archive was made; a plain archive of plain files is expected.",
};

/// The archive does not have the entry, or any entry, that is wanted.
pub const ENVELOPE_ENTRIES: Code = Code {
    id: "envelope-entries",
    title: "an archive does not have the entries that the job wants",
    title_zh: "压缩包内没有作业所要的文件，或不止一个",
    help: "`entry` of the job's `zip` envelope must fit the name of exactly one entry, `entries` those of one or more; \
           the message lists what is there. Correct the pattern, or ask the partner what the archive should hold.",
};

/// What was encrypted does not open.
pub const ENVELOPE_UNDECRYPTABLE: Code = Code {
    id: "envelope-undecryptable",
    title: "an encrypted file does not open with the key",
    title_zh: "密文无法用现有密钥解开",
    help: "Another key, another layout (`iv`, `order`, `prefix`) or altered bytes: they cannot be told apart. \
           Nothing of the file is loaded, and the partner is answered as for any file that cannot be read. \
           Compare with the partner which key is in force, by its fingerprint, never by the key; look at \
           `since` and `until` of `[key.NAME]`; then `dukou rejects retry FILE`.",
};

/// The proof beside the content does not fit.
pub const ENVELOPE_UNPROVEN: Code = Code {
    id: "envelope-unproven",
    title: "the signature or code of a file does not fit",
    title_zh: "签名或校验码不符",
    help: "The content, the key, the user id or the sender is another. Nothing of the file is loaded. Ask the \
           partner, over another channel, whether it sent this file; compare the public key and the user id.",
};

/// What this module complains about.
pub const CODES: &[Code] = &[
    ENVELOPE_UNDECRYPTABLE,
    ENVELOPE_UNPROVEN,
    ENVELOPE_DAMAGED,
    ENVELOPE_TOO_LARGE,
    ENVELOPE_HOSTILE,
    ENVELOPE_ENTRIES,
];
