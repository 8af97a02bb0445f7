//! SM4 and AES in CBC mode with PKCS#7 padding (GB/T 17964; RFC 5652, section 6.3).
//!
//! Encryption alone proves nothing: a file that opens may have been altered. A proof inside or
//! around it does.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take, Write};

use super::whole::{self, spool_file, too_large};
use super::{BlockCipher, CbcPlan, Content, Iv, Stop, armour, unsealable, without_key};
use crate::digest::DigestWrite;
use crate::envelope::{ENVELOPE_UNDECRYPTABLE, EnvelopeError, Refused, Sealed};
use crate::key::{BLOCK, CbcDecryptor, CbcEncryptor, Held, Keyring};

/// Bytes that are decrypted or encrypted at once.
const PART: usize = 64 << 10;

impl BlockCipher {
    /// The kind's word.
    pub(in crate::envelope) fn word(self) -> &'static str {
        match self {
            Self::Sm4 => "sm4_cbc",
            Self::Aes => "aes_cbc",
        }
    }
}

impl CbcPlan {
    fn kind(&self) -> &'static str {
        self.cipher.word()
    }

    /// Bytes before the blocks.
    fn prefix(&self) -> u64 {
        match self.iv {
            Iv::Prefixed => BLOCK as u64,
            Iv::Zero | Iv::Fixed(_) => 0,
        }
    }
}

/// The content, once its length and its padding are known to be right.
pub(super) fn open(sealed: Sealed, plan: &CbcPlan, keys: &Keyring) -> Result<Content, Stop> {
    let kind = plan.kind();
    let spool = plan.spool.as_deref();
    let valid = keys
        .valid(&plan.key)
        .map_err(|error| without_key(kind, &error))?;
    let around = plan.prefix() + BLOCK as u64;
    let most = armour::most_bytes(plan.armour, plan.max_content_bytes.saturating_add(around));
    let file = whole::file(kind, sealed, most, 0, spool).map_err(|stop| limited(stop, plan))?;
    let (mut file, length) = armour::unwrapped(kind, plan.armour, file, spool)?;
    let blocks = length.saturating_sub(plan.prefix());
    if blocks == 0 || !blocks.is_multiple_of(BLOCK as u64) || length < plan.prefix() {
        let detail = format!("{length} bytes are no whole number of blocks of {BLOCK}");
        return Err(Refused::damaged(kind, detail).into());
    }
    let start = match plan.iv {
        Iv::Zero => [0; BLOCK],
        Iv::Fixed(iv) => iv,
        Iv::Prefixed => block(&mut file, 0)?,
    };
    let (held, padding) = fitting(&mut file, plan, &valid, start, length)?;
    let content = blocks - padding;
    if content > plan.max_content_bytes {
        return Err(too_large(kind, plan.max_content_bytes).into());
    }
    let decryptor = held
        .cbc_decryptor(&start)
        .ok_or_else(|| without_key(kind, &keys.wrong_use(&plan.key, kind)))?;
    file.seek(SeekFrom::Start(plan.prefix()))?;
    Ok(Box::new(Decrypting {
        blocks: BufReader::new(file).take(blocks),
        decryptor,
        part: Vec::new(),
        taken: 0,
        left: content,
    }))
}

/// The limit is one of content, whatever the text around it takes.
fn limited(stop: Stop, plan: &CbcPlan) -> Stop {
    match stop {
        Stop::Refused(_) => too_large(plan.kind(), plan.max_content_bytes).into(),
        below @ Stop::Below(_) => below,
    }
}

fn block(file: &mut File, at: u64) -> io::Result<[u8; BLOCK]> {
    let mut block = [0; BLOCK];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut block)?;
    Ok(block)
}

/// The version of the key with which the last block ends in padding, and how long that is.
fn fitting<'k>(
    file: &mut File,
    plan: &CbcPlan,
    valid: &[&'k Held],
    start: [u8; BLOCK],
    length: u64,
) -> Result<(&'k Held, u64), Stop> {
    let kind = plan.kind();
    let last = block(file, length - BLOCK as u64)?;
    let before = match length - plan.prefix() > BLOCK as u64 {
        true => block(file, length - 2 * BLOCK as u64)?,
        false => start,
    };
    let mut fits = Vec::new();
    for held in valid {
        let mut block = last;
        if let Some(mut decryptor) = held.cbc_decryptor(&before) {
            decryptor.decrypt(&mut block);
            fits.extend(padding(&block).map(|padding| (*held, padding)));
        }
    }
    let detail = match fits.as_slice() {
        [(held, padding)] => return Ok((held, *padding)),
        [] => format!(
            "it does not open with key `{}`: another key, another `iv`, or altered bytes",
            plan.key
        ),
        // One in 256 wrong keys gives a last block that looks padded.
        several => format!(
            "{} versions of key `{}` seem to fit: narrow their `since` and `until`",
            several.len(),
            plan.key
        ),
    };
    Err(Refused {
        code: &ENVELOPE_UNDECRYPTABLE,
        kind,
        detail,
    }
    .into())
}

/// How many bytes the last block is padded with; `None` if it is not. Takes the same time whatever
/// the block is.
pub(super) fn padding(block: &[u8; BLOCK]) -> Option<u64> {
    let last = block.last().copied().unwrap_or_default();
    let mut is_wrong = u8::from(last == 0) | u8::from(usize::from(last) > BLOCK);
    for (index, byte) in block.iter().enumerate() {
        let is_padding = u8::from(index + usize::from(last) >= BLOCK);
        is_wrong |= is_padding & u8::from(*byte != last);
    }
    (is_wrong == 0).then_some(u64::from(last))
}

struct Decrypting {
    blocks: Take<BufReader<File>>,
    decryptor: CbcDecryptor,
    part: Vec<u8>,
    taken: usize,
    /// Bytes of content that are not handed out yet.
    left: u64,
}

impl Read for Decrypting {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || out.is_empty() {
            return Ok(0);
        }
        if self.taken == self.part.len() {
            self.part.clear();
            self.taken = 0;
            let most = PART as u64;
            (&mut self.blocks).take(most).read_to_end(&mut self.part)?;
            if self.part.is_empty() || !self.part.len().is_multiple_of(BLOCK) {
                return Err(armour::cut());
            }
            self.decryptor.decrypt(&mut self.part);
        }
        let rest = self.part.get(self.taken..).unwrap_or_default();
        let count = rest.take(self.left).read(out)?;
        self.taken += count;
        self.left -= count as u64;
        Ok(count)
    }
}

/// Encrypts all content.
pub(super) fn seal(
    content: &mut dyn Read,
    sealed: &mut dyn Write,
    plan: &CbcPlan,
    keys: &Keyring,
) -> Result<(), EnvelopeError> {
    let held = keys.current(&plan.key)?;
    let mut spooled;
    let (start, content): (_, &mut dyn Read) = match plan.iv {
        Iv::Zero => ([0; BLOCK], content),
        Iv::Fixed(iv) => (iv, content),
        Iv::Prefixed => {
            let start;
            (start, spooled) = start_of(content, plan, held)?;
            (start, &mut spooled)
        }
    };
    let encryptor = held
        .cbc_encryptor(&start)
        .ok_or_else(|| keys.wrong_use(&plan.key, plan.kind()))?;
    let prefix: &[u8] = match plan.iv {
        Iv::Prefixed => &start,
        Iv::Zero | Iv::Fixed(_) => &[],
    };
    if plan.armour == super::Armour::Binary {
        return encrypt(content, sealed, prefix, encryptor);
    }
    let mut binary = spool_file(plan.spool.as_deref()).map_err(EnvelopeError::Write)?;
    encrypt(content, &mut binary, prefix, encryptor)?;
    armour::write_file(plan.armour, binary, sealed)
}

/// What the chain begins with, made from the content, which is read once for it.
fn start_of(
    content: &mut dyn Read,
    plan: &CbcPlan,
    held: &Held,
) -> Result<([u8; BLOCK], File), EnvelopeError> {
    let file = spool_file(plan.spool.as_deref()).map_err(EnvelopeError::Write)?;
    let mut hashed = DigestWrite::new(file);
    crate::envelope::copy(content, &mut hashed)?;
    let (mut file, digest, _) = hashed.finish();
    file.seek(SeekFrom::Start(0)).map_err(EnvelopeError::Read)?;
    let once = held
        .once(plan.kind(), &digest.0)
        .ok_or_else(|| unsealable(plan.kind(), "the key cannot make a start of the chain"))?;
    Ok((once.iv(), file))
}

fn encrypt(
    content: &mut dyn Read,
    sealed: &mut dyn Write,
    prefix: &[u8],
    mut encryptor: CbcEncryptor,
) -> Result<(), EnvelopeError> {
    sealed.write_all(prefix).map_err(EnvelopeError::Write)?;
    let mut part = Vec::with_capacity(PART + BLOCK);
    loop {
        part.clear();
        let read = (&mut *content).take(PART as u64).read_to_end(&mut part);
        let read = read.map_err(EnvelopeError::Read)?;
        let is_last = read < PART;
        if is_last {
            let padding = BLOCK - read % BLOCK;
            part.resize(read + padding, padding as u8);
        }
        encryptor.encrypt(&mut part);
        sealed.write_all(&part).map_err(EnvelopeError::Write)?;
        if is_last {
            return Ok(());
        }
    }
}
