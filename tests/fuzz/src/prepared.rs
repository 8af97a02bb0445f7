//! What every target begins with: inputs made of `fixtures/` and `docs/reference/`, and the words
//! in them as a dictionary.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::targets::{self, Target, Words};

/// Larger files are left alone: a small one finds the same in less time.
const MOST_BYTES: usize = 48 << 10;

/// Words of a dictionary, the most frequent first.
const MOST_WORDS: usize = 400;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below a folder of the repository, with their paths in it, sorted.
pub fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(directory) = open.pop() {
        let entries = fs::read_dir(&directory).expect("a folder of the repository");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let bytes = fs::read(&path).expect("a file of the repository");
            let path = path.strip_prefix(root()).expect("below it");
            if bytes.len() <= MOST_BYTES {
                found.push((path.to_string_lossy().into_owned(), bytes));
            }
        }
    }
    found.sort();
    found
}

/// Writes `TARGET/seeds/*` and, where words help, `TARGET/words` for all targets; says their names.
pub fn write(folder: &Path) {
    for target in targets::ALL {
        let own = folder.join(target.name);
        let _ = fs::remove_dir_all(own.join("seeds"));
        fs::create_dir_all(own.join("seeds")).expect("space");
        let seeds = (target.seeds)();
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(own.join(format!("seeds/{number:04}")), seed).expect("space");
        }
        fs::write(own.join("words"), words(target, &seeds)).expect("space");
        println!("{}", target.name);
    }
}

fn words(target: &Target, seeds: &[Vec<u8>]) -> String {
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    if matches!(target.words, Words::OfSeeds) {
        let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-:".contains(byte);
        for word in seeds
            .iter()
            .flat_map(|seed| seed.split(|byte| !is_inside(byte)))
        {
            if (3..=40).contains(&word.len()) {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
    let mut counts: Vec<(usize, &[u8])> = counts.into_iter().map(|(word, n)| (n, word)).collect();
    counts.sort_by(|a, b| b.cmp(a));
    let lines = counts
        .iter()
        .take(MOST_WORDS)
        .map(|(_, word)| format!("\"{}\"\n", String::from_utf8_lossy(word)));
    lines.collect()
}
