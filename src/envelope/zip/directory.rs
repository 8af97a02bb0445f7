//! The directory at an archive's end, proven against what stands before each entry.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use super::names::{check, decode, is_archive};
use super::{
    CENTRAL, DEFLATED, DESCRIPTOR, ENCRYPTED, END, END_64, Fields, LOCAL, LOCATOR_64, Refused,
    STORED, damaged, hostile,
};
use crate::envelope::ZipPlan;
use crate::envelope::gzip::RATIO_FROM;

/// Bytes of the record that ends an archive, of its large form, and of what points there.
const END_BYTES: u64 = 22;
const END_64_BYTES: u64 = 56;
const LOCATOR_BYTES: u64 = 20;
/// Bytes of a header before an entry, and of its line in the directory, without names.
const LOCAL_BYTES: u64 = 30;
const CENTRAL_BYTES: usize = 46;
/// The most bytes that sizes behind an entry's data take.
const DESCRIPTOR_BYTES: u64 = 24;
/// The most bytes of a directory's line: three parts of at most 65,535.
const LINE_BYTES: u64 = CENTRAL_BYTES as u64 + 3 * 65_535;

/// Why an archive is not opened.
#[derive(Debug)]
pub(super) enum Stop {
    Refused(Refused),
    Below(io::Error),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Below(error)
    }
}

/// One entry, as both headers say.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    raw_name: Vec<u8>,
    flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) stored: u64,
    pub(super) content: u64,
    header_at: u64,
    /// Where its data begin.
    pub(super) data_at: u64,
}

/// Where the directory is.
struct End {
    entries: u64,
    bytes: u64,
    at: u64,
    /// Where what ends it begins.
    end_at: u64,
}

/// What of an archive is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of it: one bad entry, wanted or not, refuses the archive.
    Whole,
    /// What makes it an archive. Whether an entry can be opened is the entry's own affair.
    Structure,
}

/// Reads and proves the whole directory.
pub(super) fn read<F: Read + Seek>(
    file: &mut F,
    plan: &ZipPlan,
    scope: Scope,
) -> Result<Vec<Entry>, Stop> {
    let (mut entries, end_at) = lines(file, plan)?;
    check_all(&entries, plan, scope)?;
    prove(file, &mut entries, end_at)?;
    Ok(entries)
}

/// One entry of an archive whose structure was proven before: of the same bytes, or this proves
/// nothing about the others.
pub(super) fn read_one<F: Read + Seek>(
    file: &mut F,
    plan: &ZipPlan,
    name: &str,
) -> Result<Entry, Stop> {
    let (entries, _) = lines(file, plan)?;
    let found = entries.into_iter().find(|entry| entry.name == name);
    let Some(mut entry) = found else {
        let text = format!("it has no entry `{}`", name.escape_debug());
        return Err(damaged(text).into());
    };
    check_entry(&entry, plan)?;
    prove_one(file, &mut entry)?;
    Ok(entry)
}

/// The entries as the directory has them, and where it begins.
fn lines<F: Read + Seek>(file: &mut F, plan: &ZipPlan) -> Result<(Vec<Entry>, u64), Stop> {
    let end = find_end(file)?;
    if end.entries > plan.max_entries {
        let text = format!(
            "it has {} entries, over `max_entries = {}`",
            end.entries, plan.max_entries
        );
        return Err(Refused::large(super::KIND, text).into());
    }
    if end.at.checked_add(end.bytes) != Some(end.end_at) || end.bytes > end.entries * LINE_BYTES {
        return Err(damaged("its directory is not where its end says").into());
    }
    file.seek(SeekFrom::Start(end.at))?;
    let bytes = exactly(file, end.bytes)?;
    let mut fields = Fields(&bytes);
    let mut entries = Vec::new();
    for _ in 0..end.entries {
        entries.push(line(&mut fields)?);
    }
    if !fields.0.is_empty() {
        return Err(damaged("its directory has more bytes than its entries take").into());
    }
    Ok((entries, end.at))
}

fn exactly<F: Read>(file: &mut F, count: u64) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == count {
        Ok(bytes)
    } else {
        Err(damaged("it is cut").into())
    }
}

/// The record at the very end. Of a comment that holds such a record itself, the one that ends with
/// the file counts.
fn find_end<F: Read + Seek>(file: &mut F) -> Result<End, Stop> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail_at = length.saturating_sub(END_BYTES + 65_535);
    file.seek(SeekFrom::Start(tail_at))?;
    let tail = exactly(file, length - tail_at)?;
    let mut has_record = false;
    for at in (0..tail.len().saturating_sub(END_BYTES as usize - 1)).rev() {
        let mut fields = Fields(tail.get(at..).unwrap_or_default());
        if fields.u32() != Some(END) {
            continue;
        }
        has_record = true;
        let Some(end) = end_record(&mut fields, tail_at + at as u64) else {
            continue;
        };
        return large_end(file, end?);
    }
    let text = if has_record {
        "bytes stand after its end"
    } else {
        "it is no zip archive, or its end is cut off"
    };
    Err(damaged(text).into())
}

/// The record behind its signature; `None` when it does not reach to the end of the file.
fn end_record(fields: &mut Fields<'_>, at: u64) -> Option<Result<End, Stop>> {
    let disks = (fields.u16()?, fields.u16()?);
    let (here, entries) = (fields.u16()?, fields.u16()?);
    let (bytes, directory_at) = (fields.u32()?, fields.u32()?);
    let comment = usize::from(fields.u16()?);
    if fields.0.len() != comment {
        return None;
    }
    let is_one = matches!(disks, (0 | 0xffff, 0 | 0xffff)) && here == entries;
    Some(if is_one {
        Ok(End {
            entries: entries.into(),
            bytes: bytes.into(),
            at: directory_at.into(),
            end_at: at,
        })
    } else {
        Err(damaged("it is a part of an archive in several files").into())
    })
}

/// The large form of the end, when the small one points to it.
fn large_end<F: Read + Seek>(file: &mut F, end: End) -> Result<End, Stop> {
    let is_large = end.entries == 0xffff || end.bytes == 0xffff_ffff || end.at == 0xffff_ffff;
    if !is_large {
        return Ok(end);
    }
    let wrong = || Stop::from(damaged("the large form of its end is damaged"));
    let locator_at = end.end_at.checked_sub(LOCATOR_BYTES).ok_or_else(wrong)?;
    file.seek(SeekFrom::Start(locator_at))?;
    let bytes = exactly(file, LOCATOR_BYTES)?;
    let mut fields = Fields(&bytes);
    let (signature, _disk) = (fields.u32(), fields.u32());
    let at = fields.u64().filter(|_| signature == Some(LOCATOR_64));
    let at = at.filter(|at| at.checked_add(END_64_BYTES) == Some(locator_at));
    let at = at.ok_or_else(wrong)?;
    file.seek(SeekFrom::Start(at))?;
    let bytes = exactly(file, END_64_BYTES)?;
    let mut fields = Fields(&bytes);
    let mut parse = || -> Option<End> {
        (fields.u32()? == END_64).then_some(())?;
        fields.take(8 + 2 + 2 + 4 + 4)?;
        let (here, entries) = (fields.u64()?, fields.u64()?);
        let (bytes, directory_at) = (fields.u64()?, fields.u64()?);
        (here == entries).then_some(End {
            entries,
            bytes,
            at: directory_at,
            end_at: at,
        })
    };
    parse().ok_or_else(wrong)
}

fn line(fields: &mut Fields<'_>) -> Result<Entry, Refused> {
    let cut = || damaged("a line of its directory is damaged");
    let (mut entry, extra, mode) = raw_line(fields).ok_or_else(cut)?;
    widen(&mut entry, extra).ok_or_else(cut)?;
    entry.name = decode(&entry.raw_name, entry.flags)?;
    // The upper half is a Unix mode where the archive was made on Unix; elsewhere it is zero.
    if mode >> 16 & 0o170_000 == 0o120_000 {
        let text = format!(
            "the entry `{}` is a symbolic link",
            entry.name.escape_debug()
        );
        return Err(hostile(text));
    }
    Ok(entry)
}

fn raw_line<'a>(fields: &mut Fields<'a>) -> Option<(Entry, &'a [u8], u32)> {
    (fields.u32()? == CENTRAL).then_some(())?;
    fields.take(4)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    fields.take(4)?;
    let crc = fields.u32()?;
    let (stored, content) = (fields.u32()?, fields.u32()?);
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    let _disk_and_text = fields.take(4)?;
    let (mode, header_at) = (fields.u32()?, fields.u32()?);
    let raw_name = fields.take(name.into())?.to_vec();
    let extra = fields.take(extra.into())?;
    fields.take(comment.into())?;
    let entry = Entry {
        name: String::new(),
        raw_name,
        flags,
        method,
        crc,
        stored: stored.into(),
        content: content.into(),
        header_at: header_at.into(),
        data_at: 0,
    };
    Some((entry, extra, mode))
}

/// Takes sizes over 4 GiB from the extra field for them, where the entry says that they are there.
fn widen(entry: &mut Entry, extra: &[u8]) -> Option<()> {
    let is_large = |value: u64| value == 0xffff_ffff;
    if ![entry.content, entry.stored, entry.header_at]
        .into_iter()
        .any(is_large)
    {
        return Some(());
    }
    let mut fields = Fields(extra);
    loop {
        let (id, length) = (fields.u16()?, fields.u16()?);
        let mut inside = Fields(fields.take(length.into())?);
        if id != 1 {
            continue;
        }
        for value in [&mut entry.content, &mut entry.stored, &mut entry.header_at] {
            if is_large(*value) {
                *value = inside.u64()?;
            }
        }
        return Some(());
    }
}

/// What the directory alone shows to be wrong. The bytes of entries that are never opened do not
/// count.
fn check_all(entries: &[Entry], plan: &ZipPlan, scope: Scope) -> Result<(), Refused> {
    let mut names = BTreeSet::new();
    let mut total = 0_u64;
    for entry in entries {
        check(&entry.name)?;
        if !names.insert(entry.name.to_lowercase()) {
            let shown = entry.name.escape_debug();
            let text = format!("two entries have the name `{shown}`");
            return Err(hostile(text));
        }
        match check_entry(entry, plan) {
            Err(refused) if scope == Scope::Whole => return Err(refused),
            Err(_its_own_affair) => {}
            Ok(()) => total = total.saturating_add(entry.content),
        }
    }
    if total > plan.max_total_bytes {
        let limit = plan.max_total_bytes;
        let text = format!("its entries open to {total} bytes, over `max_total_bytes = {limit}`");
        return Err(Refused::large(super::KIND, text));
    }
    Ok(())
}

/// Why an entry is not opened.
fn check_entry(entry: &Entry, plan: &ZipPlan) -> Result<(), Refused> {
    let shown = entry.name.escape_debug();
    if entry.flags & ENCRYPTED != 0 {
        let text = format!("the entry `{shown}` is encrypted, which is not opened");
        return Err(hostile(text));
    }
    if ![STORED, DEFLATED].contains(&entry.method) {
        let text = format!(
            "the entry `{shown}` is packed by method {}, expected 0 or 8",
            entry.method
        );
        return Err(damaged(text));
    }
    if is_archive(&entry.name) && !plan.is_around_another {
        let text = format!("the entry `{shown}` is an archive itself");
        return Err(hostile(text));
    }
    check_sizes(entry, plan)
}

fn check_sizes(entry: &Entry, plan: &ZipPlan) -> Result<(), Refused> {
    let shown = entry.name.escape_debug();
    let large = |text| Err(Refused::large(super::KIND, text));
    if entry.content > plan.max_content_bytes {
        return large(format!(
            "the entry `{shown}` opens to {} bytes, over `max_content_bytes = {}`",
            entry.content, plan.max_content_bytes
        ));
    }
    if entry.content > RATIO_FROM && entry.content / entry.stored.max(1) >= plan.max_ratio {
        return large(format!(
            "{} bytes of the entry `{shown}` open to {}, over `max_ratio = {}`",
            entry.stored, entry.content, plan.max_ratio
        ));
    }
    Ok(())
}

/// Proves the header before each entry, and that entries fill the archive without overlap or hole.
fn prove<F: Read + Seek>(file: &mut F, entries: &mut [Entry], end: u64) -> Result<(), Stop> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| entries.get(*index).map(|entry| entry.header_at));
    let mut reached = 0_u64;
    let mut spare = 0;
    for index in order {
        let Some(entry) = entries.get_mut(index) else {
            continue;
        };
        check_hole(reached, spare, entry.header_at)?;
        prove_one(file, entry)?;
        reached = entry.data_at.saturating_add(entry.stored);
        spare = if entry.flags & DESCRIPTOR == 0 {
            0
        } else {
            DESCRIPTOR_BYTES
        };
    }
    Ok(check_hole(reached, spare, end)?)
}

fn check_hole(reached: u64, spare: u64, next: u64) -> Result<(), Refused> {
    match next.checked_sub(reached) {
        None => Err(hostile("entries overlap")),
        Some(hole) if hole > spare => Err(hostile(format!(
            "{hole} bytes at byte {reached} belong to no entry"
        ))),
        Some(_) => Ok(()),
    }
}

fn prove_one<F: Read + Seek>(file: &mut F, entry: &mut Entry) -> Result<(), Stop> {
    let differs = |what: &str| {
        let shown = entry.name.escape_debug();
        Stop::from(hostile(format!(
            "the entry `{shown}` has another {what} before its data than in the directory"
        )))
    };
    file.seek(SeekFrom::Start(entry.header_at))?;
    let bytes = exactly(file, LOCAL_BYTES)?;
    let mut fields = Fields(&bytes);
    let Some(local) = raw_local(&mut fields) else {
        let text = format!("no entry begins at byte {}", entry.header_at);
        return Err(damaged(text).into());
    };
    let name = exactly(file, local.name.into())?;
    if name != entry.raw_name {
        return Err(differs("name"));
    }
    if local.flags != entry.flags {
        return Err(differs("flag"));
    }
    if local.method != entry.method {
        return Err(differs("method"));
    }
    let is_later = entry.flags & DESCRIPTOR != 0;
    let agrees = |here: u32, there: u64| {
        u64::from(here) == there || here == 0xffff_ffff || (is_later && here == 0)
    };
    if !agrees(local.crc, entry.crc.into()) {
        return Err(differs("checksum"));
    }
    if !agrees(local.stored, entry.stored) || !agrees(local.content, entry.content) {
        return Err(differs("size"));
    }
    entry.data_at = entry.header_at + LOCAL_BYTES + u64::from(local.name) + u64::from(local.extra);
    Ok(())
}

struct Local {
    flags: u16,
    method: u16,
    crc: u32,
    stored: u32,
    content: u32,
    name: u16,
    extra: u16,
}

fn raw_local(fields: &mut Fields<'_>) -> Option<Local> {
    (fields.u32()? == LOCAL).then_some(())?;
    fields.take(2)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    fields.take(4)?;
    Some(Local {
        flags,
        method,
        crc: fields.u32()?,
        stored: fields.u32()?,
        content: fields.u32()?,
        name: fields.u16()?,
        extra: fields.u16()?,
    })
}
