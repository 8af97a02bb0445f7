//! Envelopes, opened and sealed.

use std::io::{Cursor, Read};

use dukou::envelope::{Envelope, GzipPlan, Lz77Plan, ZipPlan};

/// What opened content may grow to here: far below the limit of memory.
const MAX_OPENED: u64 = 16 << 20;

pub fn lz77(data: &[u8]) {
    opened_and_sealed(&lz77_plan(), data);
}

pub fn lz77_seeds() -> Vec<Vec<u8>> {
    sealed(&lz77_plan())
}

fn lz77_plan() -> Envelope {
    Envelope::Lz77(Lz77Plan {
        max_content_bytes: MAX_OPENED,
    })
}

pub fn gzip(data: &[u8]) {
    opened_and_sealed(&gzip_plan(), data);
}

pub fn gzip_seeds() -> Vec<Vec<u8>> {
    sealed(&gzip_plan())
}

fn gzip_plan() -> Envelope {
    Envelope::Gzip(GzipPlan {
        max_content_bytes: MAX_OPENED,
        // What is sealed here may be one byte, repeated.
        max_ratio: 10_000,
    })
}

pub fn zip(data: &[u8]) {
    opened_and_sealed(&zip_plan("content.txt"), data);
    opened(&zip_plan("*"), data);
}

pub fn zip_seeds() -> Vec<Vec<u8>> {
    let mut seeds = sealed(&zip_plan("content.txt"));
    // Chinese, which is written with the flag of UTF-8.
    seeds.extend(sealed(&zip_plan("清分结果.txt")));
    seeds
}

fn zip_plan(entry: &str) -> Envelope {
    Envelope::Zip(ZipPlan {
        entry: entry.to_owned(),
        max_content_bytes: MAX_OPENED,
        max_total_bytes: MAX_OPENED,
        max_ratio: 10_000,
        ..ZipPlan::default()
    })
}

/// Some contents in an envelope: nothing, little, what repeats, what does not.
fn sealed(envelope: &Envelope) -> Vec<Vec<u8>> {
    let mixed: Vec<u8> = (0..600_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let contents = [&b""[..], b"a", b"<Message/>", &[b'x'; 5_000], &mixed];
    let seal = |mut content: &[u8]| {
        let mut sealed = Vec::new();
        envelope
            .seal(&mut content, &mut sealed)
            .expect("memory takes it");
        sealed
    };
    contents.into_iter().map(seal).collect()
}

fn opened_and_sealed(envelope: &Envelope, data: &[u8]) {
    opened(envelope, data);
    // What is sealed opens to itself.
    let mut sealed = Vec::new();
    envelope
        .seal(&mut &data[..], &mut sealed)
        .expect("memory takes it");
    let mut again = Vec::new();
    let opened = envelope
        .open(Box::new(Cursor::new(sealed)))
        .read_to_end(&mut again);
    match opened {
        Ok(_) => assert_eq!(again, data, "sealed and opened"),
        // An archive within an archive is refused where none is declared.
        Err(error) => assert!(matches!(envelope, Envelope::Zip(_)), "{error}"),
    }
}

fn opened(envelope: &Envelope, data: &[u8]) {
    let content = envelope.open(Box::new(Cursor::new(data.to_vec())));
    let count = std::io::copy(&mut content.take(MAX_OPENED + 1), &mut std::io::sink());
    if let Ok(count) = count {
        assert!(count <= MAX_OPENED, "more than its limit");
    }
}
