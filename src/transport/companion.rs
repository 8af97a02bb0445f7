//! Small files beside a data file: its digest, or the flag that says that it is complete.
//!
//! Responsible for their names and for what they say. Not for listing, fetching or finishing them.
//! `job` reads the names, `engine` joins them with files. The one invariant: what a companion says
//! is either understood whole or kept as not understood; it is never half believed.

use std::fmt;
use std::io::{self, Read};

use super::{Pattern, PatternError, RemoteName};
use crate::digest::{PeerDigest, PeerHasher, Sha256};

/// The most bytes of a companion that are looked at.
pub const MAX_COMPANION_BYTES: u64 = 64 << 10;

/// The digest in a companion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompanionKind {
    /// MD5, 32 hex digits.
    Md5,
    /// SHA-256, 64 hex digits.
    Sha256,
    /// SM3, 64 hex digits.
    Sm3,
    /// Nothing, the size, or a digest.
    Flag,
}

impl CompanionKind {
    /// All of them, in the order in which they are written: the flag last.
    pub const ALL: [Self; 4] = [Self::Md5, Self::Sha256, Self::Sm3, Self::Flag];

    /// As written in a job and in the books.
    pub fn word(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha256 => "sha256",
            Self::Sm3 => "sm3",
            Self::Flag => "flag",
        }
    }
}

/// How a companion's name comes from that of its file: `{name}.sha256`, `{stem}.ok`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanionName {
    before: String,
    after: String,
    is_stem: bool,
}

impl CompanionName {
    /// Checks a template; the message says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let (is_stem, parts) = match text.split_once("{stem}") {
            Some(parts) => (true, Some(parts)),
            None => (false, text.split_once("{name}")),
        };
        let Some((before, after)) = parts else {
            return Err(format!(
                "`{text}` does not say whose companion it is: write `{{name}}` for the file's name \
                 or `{{stem}}` for its name without the last ending"
            ));
        };
        let name = Self {
            before: before.to_owned(),
            after: after.to_owned(),
            is_stem,
        };
        if before.is_empty() && after.is_empty() {
            return Err(format!("`{text}` is the file itself: add an ending"));
        }
        if [before, after]
            .iter()
            .any(|part| part.contains(['{', '}', '*', '?']))
        {
            return Err(format!("`{text}` has more than one placeholder"));
        }
        name.pattern().map_err(|found| found.to_string())?;
        Ok(name)
    }

    /// The name beside a file.
    pub fn beside(&self, file: &str) -> String {
        let stem = match file.rsplit_once('.') {
            Some((stem, _)) if self.is_stem && !stem.is_empty() => stem,
            _ => file,
        };
        format!("{}{stem}{}", self.before, self.after)
    }

    /// All names that can be such a companion; none of them is ever data.
    pub fn pattern(&self) -> Result<Pattern, PatternError> {
        Pattern::new(&format!("{}*{}", self.before, self.after))
    }

    /// Whether a name can be such a companion.
    pub fn fits(&self, name: &RemoteName) -> bool {
        self.pattern()
            .is_ok_and(|pattern| pattern.captures(name).is_some())
    }
}

/// The companions that a job declares, in the order in which they are written.
pub type Companions = Vec<(CompanionKind, CompanionName)>;

/// What a companion says about its file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Claim {
    Digest {
        kinds: Vec<CompanionKind>,
        hex: String,
    },
    Size(u64),
    /// It cannot be understood, and why.
    Unclear(String),
}

/// What all companions of a file say, as the books keep it until the file is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promise(Vec<(String, Claim)>);

impl Promise {
    /// Adds what the companion `name` of `file` says.
    pub fn add(&mut self, kind: CompanionKind, name: &str, content: &[u8], file: &str) {
        let claims = match kind {
            CompanionKind::Flag => flag_claims(content),
            _ => digest_claim(kind, content, file).map(|claim| vec![claim]),
        };
        let claims = claims.unwrap_or_else(|why| vec![Claim::Unclear(why)]);
        let named = claims.into_iter().map(|claim| (name.to_owned(), claim));
        self.0.extend(named);
    }

    /// Reads back what [`fmt::Display`] wrote; what it never wrote is not understood.
    pub fn parse(text: &str) -> Self {
        let claim = |line: &str| {
            let mut parts = line.splitn(3, '\t');
            let (name, word) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let value = parts.next().unwrap_or("");
            let unclear = || Claim::Unclear(value.to_owned());
            let claim = match word {
                "size" => value.parse().map_or_else(|_| unclear(), Claim::Size),
                "unclear" => unclear(),
                words => Claim::Digest {
                    kinds: CompanionKind::ALL
                        .into_iter()
                        .filter(|kind| words.split('|').any(|word| word == kind.word()))
                        .collect(),
                    hex: value.to_owned(),
                },
            };
            (name.to_owned(), claim)
        };
        Self(text.lines().map(claim).collect())
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares with the file's bytes, read once; what differs, in a sentence each.
    pub fn broken_by(&self, mut content: impl Read) -> io::Result<Vec<String>> {
        let mut sha256 = Sha256::new();
        let mut peers: Vec<(CompanionKind, PeerHasher)> = Vec::new();
        for (kind, peer) in [
            (CompanionKind::Md5, PeerDigest::Md5),
            (CompanionKind::Sm3, PeerDigest::Sm3),
        ] {
            let is_asked = |(_, claim): &(String, Claim)| matches!(claim, Claim::Digest { kinds, .. } if kinds.contains(&kind));
            if self.0.iter().any(is_asked) {
                peers.push((kind, peer.hasher()));
            }
        }
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = content.read(&mut buffer)?;
            let part = buffer.get(..count).unwrap_or_default();
            if part.is_empty() {
                break;
            }
            sha256.update(part);
            peers.iter_mut().for_each(|(_, hasher)| hasher.update(part));
        }
        let bytes = sha256.count();
        let mut found = vec![(CompanionKind::Sha256, sha256.finish().to_string())];
        found.extend(
            peers
                .into_iter()
                .map(|(kind, hasher)| (kind, hasher.finish())),
        );
        let sentences = self.0.iter();
        Ok(sentences
            .filter_map(|(name, claim)| broken(name, claim, bytes, &found))
            .collect())
    }
}

fn broken(
    name: &str,
    claim: &Claim,
    bytes: u64,
    found: &[(CompanionKind, String)],
) -> Option<String> {
    match claim {
        Claim::Unclear(why) => Some(format!("`{name}` is no companion: {why}")),
        Claim::Size(size) if *size == bytes => None,
        Claim::Size(size) => Some(format!("`{name}` says {size} bytes, the file has {bytes}")),
        Claim::Digest { kinds, hex } => {
            let mut own = found
                .iter()
                .filter(|(kind, _)| kinds.contains(kind))
                .peekable();
            let shown = own.peek().map_or("", |(_, digest)| digest).to_owned();
            if own.any(|(_, digest)| digest.eq_ignore_ascii_case(hex)) {
                return None;
            }
            Some(format!("`{name}` says {hex}, the file has {shown}"))
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (name, claim)) in self.0.iter().enumerate() {
            let line_end = if number == 0 { "" } else { "\n" };
            let (words, value) = match claim {
                Claim::Size(size) => ("size".to_owned(), size.to_string()),
                Claim::Unclear(why) => ("unclear".to_owned(), why.clone()),
                Claim::Digest { kinds, hex } => {
                    let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
                    (words.join("|"), hex.clone())
                }
            };
            write!(f, "{line_end}{name}\t{words}\t{value}")?;
        }
        Ok(())
    }
}

/// The text of a companion; a UTF-8 byte order mark is not part of it.
fn text(content: &[u8]) -> Result<&str, String> {
    if content.len() as u64 > MAX_COMPANION_BYTES {
        return Err(format!("it has more than {MAX_COMPANION_BYTES} bytes"));
    }
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    std::str::from_utf8(content).map_err(|_wrong| "it is not text in UTF-8".to_owned())
}

fn shown(text: &str) -> String {
    let cut: String = text.chars().take(80).collect();
    cut.escape_debug().to_string()
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `HEX`, `HEX  name`, `HEX *name` or `SHA256 (name) = HEX`, one a line; of several lines the one
/// with the file's name.
fn digest_claim(kind: CompanionKind, content: &[u8], file: &str) -> Result<Claim, String> {
    let digits = if kind == CompanionKind::Md5 { 32 } else { 64 };
    let mut others = Vec::new();
    let mut found: Option<&str> = None;
    for line in text(content)?
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (hex, name) = sum_line(line);
        if hex.len() != digits || !is_hex(hex) {
            let line = shown(line);
            return Err(format!(
                "`{line}` is not {digits} hexadecimal digits and a name"
            ));
        }
        match name {
            Some(name) if name != file => others.push(shown(name)),
            _ if found.is_some() => return Err("it has two digests for the file".to_owned()),
            _ => found = Some(hex),
        }
    }
    match (found, others.first()) {
        (Some(hex), _) => Ok(Claim::Digest {
            kinds: vec![kind],
            hex: hex.to_ascii_lowercase(),
        }),
        (None, Some(other)) => Err(format!("it is for `{other}`, expected `{file}`")),
        (None, None) => Err("it is empty".to_owned()),
    }
}

fn sum_line(line: &str) -> (&str, Option<&str>) {
    if let Some((head, hex)) = line.rsplit_once(") = ")
        && let Some((_, name)) = head.split_once(" (")
    {
        return (hex.trim(), Some(name));
    }
    match line.split_once([' ', '\t']) {
        Some((hex, rest)) => {
            let name = rest.trim_start();
            (hex, Some(name.strip_prefix('*').unwrap_or(name)))
        }
        None => (line, None),
    }
}

/// Nothing, or the size and digests, in any order, separated by white space.
fn flag_claims(content: &[u8]) -> Result<Vec<Claim>, String> {
    let mut claims = Vec::new();
    for word in text(content)?.split_whitespace() {
        let claim = match word.len() {
            32 if is_hex(word) => Claim::Digest {
                kinds: vec![CompanionKind::Md5],
                hex: word.to_ascii_lowercase(),
            },
            64 if is_hex(word) => Claim::Digest {
                kinds: vec![CompanionKind::Sha256, CompanionKind::Sm3],
                hex: word.to_ascii_lowercase(),
            },
            1..=19 if word.bytes().all(|byte| byte.is_ascii_digit()) => word
                .parse()
                .map(Claim::Size)
                .map_err(|_too_large| shown(word))?,
            _ => return Err(format!("`{}` is neither a size nor a digest", shown(word))),
        };
        claims.push(claim);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const ABC_MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
    const ABC_SM3: &str = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";

    /// What the content `abc` of `a.txt` breaks of what one companion says.
    fn broken(kind: CompanionKind, content: &str) -> Vec<String> {
        let mut promise = Promise::default();
        promise.add(kind, "a.c", content.as_bytes(), "a.txt");
        let kept = Promise::parse(&promise.to_string());
        assert_eq!(kept, promise, "it is kept as it is");
        kept.broken_by(b"abc".as_slice()).expect("memory")
    }

    #[test]
    fn a_name_stands_beside_its_files() {
        let name = CompanionName::new("{name}.sha256").expect("a template");
        assert_eq!(name.beside("a.txt"), "a.txt.sha256");
        let stem = CompanionName::new("FLAG_{stem}.ok").expect("a template");
        assert_eq!(stem.beside("a.b.txt"), "FLAG_a.b.ok");
        assert_eq!(stem.beside("a"), "FLAG_a.ok");
        let clean = |name| RemoteName::clean(name).expect("a clean name");
        assert!(name.fits(&clean("b.sha256")));
        assert!(!name.fits(&clean("b.txt")));
        for (text, message) in [
            (
                "a.ok",
                "`a.ok` does not say whose companion it is: write `{name}` for the file's name or \
                 `{stem}` for its name without the last ending",
            ),
            ("{name}", "`{name}` is the file itself: add an ending"),
            (
                "{name}{stem}",
                "`{name}{stem}` has more than one placeholder",
            ),
            (
                "x/{name}",
                "no file name has `/`; a pattern is for the name alone",
            ),
        ] {
            assert_eq!(CompanionName::new(text), Err(message.to_owned()));
        }
    }

    #[test]
    fn a_digest_is_read_as_the_usual_tools_write_it() {
        let upper = ABC.to_uppercase();
        for content in [
            ABC.to_owned(),
            format!("{upper}\r\n"),
            format!("{ABC}  a.txt\n"),
            format!("{ABC} *a.txt\n"),
            format!("SHA256 (a.txt) = {ABC}\n"),
            format!("\u{feff}{}  b.txt\n{ABC}  a.txt\n", "0".repeat(64)),
        ] {
            assert_eq!(
                broken(CompanionKind::Sha256, &content),
                Vec::<String>::new(),
                "{content}"
            );
        }
        assert_eq!(broken(CompanionKind::Md5, ABC_MD5), Vec::<String>::new());
        assert_eq!(broken(CompanionKind::Sm3, ABC_SM3), Vec::<String>::new());
    }

    #[test]
    fn what_differs_or_is_unclear_is_said() {
        let wrong = ABC_MD5.replace('9', "8");
        for (kind, content, message) in [
            (
                CompanionKind::Md5,
                wrong.clone(),
                format!("`a.c` says {wrong}, the file has {ABC_MD5}"),
            ),
            (
                CompanionKind::Sha256,
                format!("{ABC}  b.txt"),
                "`a.c` is no companion: it is for `b.txt`, expected `a.txt`".to_owned(),
            ),
            (
                CompanionKind::Sha256,
                "\n".to_owned(),
                "`a.c` is no companion: it is empty".to_owned(),
            ),
            (
                CompanionKind::Sha256,
                ABC_MD5.to_owned(),
                format!(
                    "`a.c` is no companion: `{ABC_MD5}` is not 64 hexadecimal digits and a name"
                ),
            ),
            (
                CompanionKind::Sha256,
                format!("{ABC}\n{ABC}"),
                "`a.c` is no companion: it has two digests for the file".to_owned(),
            ),
            (
                CompanionKind::Flag,
                "4".to_owned(),
                "`a.c` says 4 bytes, the file has 3".to_owned(),
            ),
            (
                CompanionKind::Flag,
                "done".to_owned(),
                "`a.c` is no companion: `done` is neither a size nor a digest".to_owned(),
            ),
        ] {
            assert_eq!(broken(kind, &content), [message]);
        }
        let long = "0".repeat(70_000);
        assert_eq!(
            broken(CompanionKind::Flag, &long),
            ["`a.c` is no companion: it has more than 65536 bytes"]
        );
    }

    #[test]
    fn a_flag_holds_nothing_or_size_and_digests() {
        for content in ["", " \n", "3", &format!("3 {ABC}"), ABC_SM3, ABC_MD5] {
            assert_eq!(
                broken(CompanionKind::Flag, content),
                Vec::<String>::new(),
                "{content}"
            );
        }
    }
}
