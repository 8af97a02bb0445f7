//! A proof beside readable content: an HMAC, or an SM2 signature with its user id.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use super::whole::{self, spool_file};
use super::{
    Armour, Content, Proof, ProofPlace, ProofPlan, SignatureForm, Stop, armour, unsealable,
    without_key,
};
use crate::envelope::{ENVELOPE_UNPROVEN, EnvelopeError, Refused, Sealed};
use crate::key::{
    Held, KeyError, Keyring, Mac, SIGNATURE_BYTES, Signed, signature_from_der, signature_to_der,
};
use crate::text::{from_hex, to_hex};

/// The longest line of a proof.
const LINE_BYTES: u64 = 1 << 10;

impl Proof {
    /// The kind's word.
    pub(in crate::envelope) fn word(&self) -> &'static str {
        match self {
            Self::Hmac { .. } => "hmac",
            Self::Sm2 { .. } => "sm2_signature",
        }
    }

    /// The key's name.
    pub(super) fn key(&self) -> &crate::id::KeyName {
        match self {
            Self::Hmac { key, .. } | Self::Sm2 { key, .. } => key,
        }
    }

    /// A proof over nothing yet, with one version of the key.
    fn begin(&self, held: &Held) -> Option<Running> {
        match self {
            Self::Hmac { algorithm, .. } => held.mac(*algorithm).map(Running::Mac),
            Self::Sm2 { user_id, .. } => held
                .sm2_signed(user_id)
                .map(|signed| Running::Signed(Box::new(signed))),
        }
    }
}

/// A proof of what was added so far.
enum Running {
    Mac(Mac),
    Signed(Box<Signed>),
}

impl Running {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Mac(mac) => mac.update(bytes),
            Self::Signed(signed) => signed.update(bytes),
        }
    }

    fn finish(self) -> Option<Vec<u8>> {
        match self {
            Self::Mac(mac) => Some(mac.finish().to_vec()),
            Self::Signed(signed) => signed.sign().map(|signature| signature.to_vec()),
        }
    }

    fn verify(self, proof: &[u8]) -> bool {
        match self {
            Self::Mac(mac) => mac.verify(proof),
            Self::Signed(signed) => proof
                .try_into()
                .is_ok_and(|signature| signed.verify(signature)),
        }
    }
}

/// The content, once it is proven.
pub(super) fn open(sealed: Sealed, plan: &ProofPlan, keys: &Keyring) -> Result<Content, Stop> {
    let kind = plan.proof.word();
    let name = plan.proof.key();
    let valid = keys
        .valid(name)
        .map_err(|error| without_key(kind, &error))?;
    let running: Option<Vec<Running>> = valid.iter().map(|held| plan.proof.begin(held)).collect();
    let running = running.ok_or_else(|| without_key(kind, &keys.wrong_use(name, kind)))?;
    let spool = plan.spool.as_deref();
    let (mut file, length) =
        whole::file(kind, sealed, plan.max_content_bytes, LINE_BYTES + 2, spool)?;
    let (content, written) = parted(&mut file, length, plan)?;
    if content.end - content.start > plan.max_content_bytes {
        return Err(whole::too_large(kind, plan.max_content_bytes).into());
    }
    let proof = decoded(plan, written)
        .ok_or_else(|| Refused::damaged(kind, format!("no proof stands as `{}`", plan.shown())))?;
    file.seek(SeekFrom::Start(content.start))?;
    let running = fed(&mut (&mut file).take(content.end - content.start), running)?;
    let is_proven = running
        .into_iter()
        .fold(false, |proven, running| running.verify(&proof) | proven);
    if !is_proven {
        return Err(Refused {
            code: &ENVELOPE_UNPROVEN,
            kind,
            detail: format!(
                "the proof does not fit key `{name}`: another key, another sender, or altered bytes"
            ),
        }
        .into());
    }
    file.seek(SeekFrom::Start(content.start))?;
    Ok(Box::new(file.take(content.end - content.start)))
}

/// Every running proof with all content added; the content is read once.
fn fed(content: &mut dyn Read, mut running: Vec<Running>) -> io::Result<Vec<Running>> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return Ok(running),
            Ok(count) => {
                let part = buffer.get(..count).unwrap_or_default();
                running.iter_mut().for_each(|proof| proof.update(part));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl ProofPlan {
    /// How its proof is written, for messages.
    fn shown(&self) -> &'static str {
        match &self.proof {
            Proof::Sm2 { form, .. } if *form != SignatureForm::Raw => form.word(),
            _ => self.armour.word(),
        }
    }
}

/// Where the content lies, and what stands as its proof.
fn parted(file: &mut File, length: u64, plan: &ProofPlan) -> Result<(Range<u64>, Vec<u8>), Stop> {
    let parts = match plan.place {
        ProofPlace::Trailer => {
            let bytes = plan.fixed_bytes().unwrap_or(length);
            length.checked_sub(bytes).map(|end| (0..end, end..length))
        }
        ProofPlace::FirstLine => {
            let head = cut(file, 0..length.min(LINE_BYTES + 2))?;
            let end = head.iter().position(|byte| *byte == b'\n');
            end.map(|end| (end as u64 + 1..length, 0..end as u64))
        }
        ProofPlace::LastLine { is_ended } => last_line(file, length, is_ended)?,
    };
    let Some((content, proof)) = parts else {
        let detail = format!("no proof stands as its `{}`: it was cut", plan.place.word());
        return Err(Refused::damaged(plan.proof.word(), detail).into());
    };
    let mut written = cut(file, proof)?;
    if plan.place == ProofPlace::FirstLine && written.last() == Some(&b'\r') {
        written.pop();
    }
    Ok((content, written))
}

type Parts = Option<(Range<u64>, Range<u64>)>;

/// The last line and what stands before it.
fn last_line(file: &mut File, length: u64, is_ended: bool) -> io::Result<Parts> {
    let from = length.saturating_sub(LINE_BYTES + 2);
    let tail = cut(file, from..length)?;
    let line = match is_ended {
        true => match tail.strip_suffix(b"\n") {
            Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
            None => return Ok(None),
        },
        false => &tail,
    };
    let before = line.iter().rposition(|byte| *byte == b'\n');
    let start = match before {
        Some(at) => at as u64 + 1,
        None if from == 0 => 0,
        None => return Ok(None),
    };
    let (start, end) = (from + start, from + line.len() as u64);
    Ok(Some((0..start, start..end)))
}

fn cut(file: &mut File, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(range.start))?;
    file.take(range.end - range.start).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of a proof as it is written.
fn decoded(plan: &ProofPlan, written: Vec<u8>) -> Option<Vec<u8>> {
    match &plan.proof {
        Proof::Sm2 {
            form: SignatureForm::Rs,
            ..
        } => rs_decoded(str::from_utf8(&written).ok()?).map(|signature| signature.to_vec()),
        Proof::Sm2 {
            form: SignatureForm::Der,
            ..
        } => {
            let der = unarmoured(plan.armour, written)?;
            signature_from_der(&der).map(|signature| signature.to_vec())
        }
        _ => unarmoured(plan.armour, written),
    }
}

/// No blanks here: the proof is one text, written by one program.
fn unarmoured(armour: Armour, written: Vec<u8>) -> Option<Vec<u8>> {
    let is_dense = armour == Armour::Binary || written.iter().all(u8::is_ascii_graphic);
    is_dense
        .then(|| armour::decoded("proof", armour, written).ok())
        .flatten()
}

/// r and s out of `hex(r)#hex(s)`; leading zeros may be missing (bank.md §1).
pub(super) fn rs_decoded(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let (r, s) = text.split_once('#')?;
    // Of one case, taken together.
    let padded = |hex: &str| (1..=64).contains(&hex.len()).then(|| format!("{hex:0>64}"));
    from_hex(&(padded(r)? + &padded(s)?))?.try_into().ok()
}

/// `hex(r)#hex(s)`, each of 64 digits.
pub(super) fn rs_encoded(signature: &[u8]) -> String {
    let (r, s) = signature.split_at_checked(32).unwrap_or_default();
    format!("{}#{}", to_hex(r), to_hex(s))
}

/// Writes the content with its proof.
pub(super) fn seal(
    content: &mut dyn Read,
    sealed: &mut dyn Write,
    plan: &ProofPlan,
    keys: &Keyring,
) -> Result<(), EnvelopeError> {
    let kind = plan.proof.word();
    let name = plan.proof.key();
    let held = keys.current(name)?;
    let mut running = plan
        .proof
        .begin(held)
        .ok_or_else(|| keys.wrong_use(name, kind))?;
    let mut file = spool_file(plan.spool.as_deref()).map_err(EnvelopeError::Write)?;
    let last = spooled(content, &mut file, &mut running)?;
    let proof = running
        .finish()
        .ok_or_else(|| keys.wrong_use(name, "signing"))?;
    let written =
        encoded(plan, &proof).ok_or_else(|| unsealable(kind, "the signature has no DER form"))?;
    let (before, after): (Vec<u8>, Vec<u8>) = match plan.place {
        ProofPlace::Trailer => (Vec::new(), written),
        ProofPlace::FirstLine => ([&written[..], b"\n"].concat(), Vec::new()),
        ProofPlace::LastLine { is_ended } => {
            if last.is_some_and(|last| last != b'\n') {
                let detail = "its last line is the proof, so the content must end in a line end";
                return Err(unsealable(kind, detail));
            }
            let end: &[u8] = if is_ended { b"\n" } else { b"" };
            (Vec::new(), [&written[..], end].concat())
        }
    };
    sealed.write_all(&before).map_err(EnvelopeError::Write)?;
    armour::write_file(Armour::Binary, file, sealed)?;
    sealed.write_all(&after).map_err(EnvelopeError::Write)
}

/// Keeps content while it is added to a proof; the last byte of it.
fn spooled(
    content: &mut dyn Read,
    file: &mut File,
    running: &mut Running,
) -> Result<Option<u8>, EnvelopeError> {
    let mut part = Vec::new();
    let mut last = None;
    loop {
        part.clear();
        let read = (&mut *content).take(64 << 10).read_to_end(&mut part);
        if read.map_err(EnvelopeError::Read)? == 0 {
            return Ok(last);
        }
        running.update(&part);
        last = part.last().copied();
        file.write_all(&part).map_err(EnvelopeError::Write)?;
    }
}

fn encoded(plan: &ProofPlan, proof: &[u8]) -> Option<Vec<u8>> {
    Some(match &plan.proof {
        Proof::Sm2 {
            form: SignatureForm::Rs,
            ..
        } => rs_encoded(proof).into_bytes(),
        Proof::Sm2 {
            form: SignatureForm::Der,
            ..
        } => armour::encoded(plan.armour, &signature_to_der(proof.try_into().ok()?)?),
        _ => armour::encoded(plan.armour, proof),
    })
}

impl From<KeyError> for EnvelopeError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}
