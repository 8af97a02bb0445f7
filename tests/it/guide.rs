//! The guides that say what to type, played as a newcomer would: only what the page says.
//!
//! The rules stand on the pages themselves. A path in bold alone on a line names the block below it:
//! that file is written. Every line with `$ ` of a `console` block is run by a shell, in order; what it
//! prints, on either stream, must be what stands below it, blanks at the ends of lines aside. A remark
//! `# exits with N` is how it ends, where that is not 0. `YYYY-MM-DD` stands for the day of today,
//! `hh:mm:ss` for a time, `/home/you/parking` for the folder of the newcomer. A `sh` block sets the
//! shell up and is not run. There are no other blocks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::Days;
use dukou::clock::Clock;

const ENGLISH: &str = "docs/guide/add-a-partner.md";
const CHINESE: &str = "docs/zh-CN/接入对接单位.md";

/// The newcomer's folder as a page writes it.
const HERE: &str = "/home/you/parking";

const DAY: &str = "YYYY-MM-DD";
const TIME: &str = "hh:mm:ss";

/// One thing that a page has its reader do.
#[derive(Debug, PartialEq)]
enum Step {
    Write {
        path: String,
        text: String,
    },
    Run {
        /// Of the page, from 1.
        line: usize,
        command: String,
        exit: i32,
        prints: Vec<String>,
    },
}

/// The steps of a page; what is against its own rules is an error with the line.
fn steps(page: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut named: Option<&str> = None;
    let mut lines = page.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        if let Some(path) = bold_path(line) {
            named = Some(path);
        }
        let Some(kind) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<(&str, usize)> = lines.by_ref().take_while(|(l, _)| *l != "```").collect();
        match (named.take(), kind) {
            (Some(path), _) => steps.push(Step::Write {
                path: path.to_owned(),
                text: block.iter().flat_map(|(line, _)| [*line, "\n"]).collect(),
            }),
            (None, "console") => commands(&block, &mut steps)?,
            (None, "sh") => {}
            (None, _) => return Err(format!("line {number}: a block without a path above it")),
        }
    }
    Ok(steps)
}

fn bold_path(line: &str) -> Option<&str> {
    line.strip_prefix("**`")?.strip_suffix("`**")
}

fn commands(block: &[(&str, usize)], steps: &mut Vec<Step>) -> Result<(), String> {
    for (text, number) in block {
        if let Some(typed) = text.strip_prefix("$ ") {
            let (command, exit) = match typed.rsplit_once("# exits with ") {
                None => (typed, 0),
                Some((command, code)) => {
                    let code = code.parse::<i32>();
                    let code = code.map_err(|found| format!("line {number}: {found}"))?;
                    (command.trim_end(), code)
                }
            };
            steps.push(Step::Run {
                line: *number,
                command: command.to_owned(),
                exit,
                prints: Vec::new(),
            });
        } else if let Some(Step::Run { prints, .. }) = steps.last_mut() {
            prints.push((*text).to_owned());
        } else {
            return Err(format!("line {number}: it is printed by no command"));
        }
    }
    Ok(())
}

/// Does what a page says in a new folder; the first difference is the error.
fn play(page: &str) -> Result<(), String> {
    let root = tempfile::tempdir().expect("a directory");
    let here = root
        .path()
        .canonicalize()
        .expect("it is there")
        .join("parking");
    fs::create_dir(&here).expect("a folder");
    for step in steps(page)? {
        match step {
            Step::Write { path, text } => {
                let path = here.join(path);
                fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
                fs::write(path, text).expect("space");
            }
            Step::Run {
                line,
                command,
                exit,
                prints,
            } => {
                let (found_exit, found) = typed(&command, &here);
                compare(&prints, &found).map_err(|found| format!("line {line}: {found}"))?;
                if found_exit != Some(exit) {
                    let found =
                        format!("line {line}: exit code {found_exit:?}, the page says {exit}");
                    return Err(found);
                }
            }
        }
    }
    Ok(())
}

/// What a command ends with and prints, with the newcomer's folder as the page writes it.
fn typed(command: &str, here: &Path) -> (Option<i32>, Vec<String>) {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_dukou"));
    let mut folders = vec![program.parent().expect("it has a folder").to_owned()];
    let path = std::env::var_os("PATH").expect("a PATH");
    folders.extend(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(here)
        .env(
            "PATH",
            std::env::join_paths(folders).expect("no path has a colon"),
        )
        .env("DUKOU", env!("CARGO_MANIFEST_DIR"))
        .env_remove("COLUMNS")
        .env_remove("DUKOU_LOG")
        .stdin(Stdio::null())
        .output()
        .expect("the shell starts");
    let text = String::from_utf8(output.stdout).expect("what is printed is text");
    let text = text.replace(&here.display().to_string(), HERE);
    (
        output.status.code(),
        text.lines().map(str::to_owned).collect(),
    )
}

fn compare(shown: &[String], found: &[String]) -> Result<(), String> {
    let is_same = shown.len() == found.len()
        && shown
            .iter()
            .zip(found)
            .all(|(shown, found)| fits(shown, found));
    if is_same {
        return Ok(());
    }
    Err(format!(
        "the page shows\n{}\nand the program prints\n{}",
        shown.join("\n"),
        found.join("\n")
    ))
}

/// Whether a line is as shown, with days and times in their places.
fn fits(shown: &str, found: &str) -> bool {
    let today = Clock::system(chrono_tz::Asia::Shanghai).today();
    // A page that is played over midnight shows two days.
    let days = [Some(today), today.checked_sub_days(Days::new(1))];
    let (mut shown, mut found) = (shown.trim_end(), found.trim_end());
    while !shown.is_empty() {
        if let Some(rest) = shown.strip_prefix(DAY) {
            let mut days = days.iter().flatten();
            let Some(after) = days.find_map(|day| found.strip_prefix(day.to_string().as_str()))
            else {
                return false;
            };
            (shown, found) = (rest, after);
        } else if let Some(rest) = shown.strip_prefix(TIME) {
            let time = found.get(..TIME.len());
            if time.is_none_or(|time| time.parse::<chrono::NaiveTime>().is_err()) {
                return false;
            }
            (shown, found) = (rest, found.get(TIME.len()..).unwrap_or_default());
        } else {
            let (mut left, mut right) = (shown.chars(), found.chars());
            if left.next() != right.next() {
                return false;
            }
            (shown, found) = (left.as_str(), right.as_str());
        }
    }
    found.is_empty()
}

fn page(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).expect("the guide is there")
}

fn paths(page: &str) -> Vec<String> {
    let steps = steps(page).expect("the guide keeps its rules").into_iter();
    steps
        .filter_map(|step| match step {
            Step::Write { path, .. } => Some(path),
            Step::Run { .. } => None,
        })
        .collect()
}

/// A page of one command, and what it shows.
fn one(command: &str, shown: &str) -> String {
    format!("**`a.txt`**\n\n```\none\n```\n\n```console\n$ {command}\n{shown}```\n")
}

#[test]
fn a_newcomer_adds_a_partner_by_the_english_guide() {
    assert_eq!(play(&page(ENGLISH)), Ok(()), "{ENGLISH}");
}

#[test]
fn a_newcomer_adds_a_partner_by_the_chinese_guide() {
    assert_eq!(play(&page(CHINESE)), Ok(()), "{CHINESE}");
}

#[test]
fn both_guides_have_the_same_files_and_no_rust() {
    let english = paths(&page(ENGLISH));
    assert_eq!(english, paths(&page(CHINESE)));
    assert!(english.len() >= 15, "{english:?}");
    let endings = ["toml", "tsv", "txt", "dat"];
    let others: Vec<&String> = english
        .iter()
        .filter(|path| !endings.iter().any(|ending| path.ends_with(ending)))
        .collect();
    assert_eq!(others, Vec::<&String>::new());
}

#[test]
fn a_page_that_says_what_is_so_is_played() {
    assert_eq!(play(&one("cat a.txt", "one\n")), Ok(()));
    assert_eq!(play(&one("pwd", &format!("{HERE}\n"))), Ok(()));
    assert_eq!(
        play(&one("cat a.txt; exit 3    # exits with 3", "one\n")),
        Ok(())
    );
    let now = "TZ=Asia/Shanghai date '+on %Y-%m-%d at %H:%M:%S.'";
    assert_eq!(play(&one(now, "on YYYY-MM-DD at hh:mm:ss.\n")), Ok(()));
}

#[test]
fn a_page_that_says_something_else_is_refused_at_its_line() {
    assert_eq!(
        play(&one("cat a.txt", "two\n")),
        Err("line 8: the page shows\ntwo\nand the program prints\none".to_owned())
    );
    assert_eq!(
        play(&one("cat a.txt", "")),
        Err("line 8: the page shows\n\nand the program prints\none".to_owned())
    );
    assert_eq!(
        play(&one("cat a.txt; exit 2", "one\n")),
        Err("line 8: exit code Some(2), the page says 0".to_owned())
    );
    assert_eq!(
        play(&one("echo 2020-01-01", "YYYY-MM-DD\n")),
        Err("line 8: the page shows\nYYYY-MM-DD\nand the program prints\n2020-01-01".to_owned())
    );
    assert_eq!(
        play(&one("echo 99:00:00", "hh:mm:ss\n")),
        Err("line 8: the page shows\nhh:mm:ss\nand the program prints\n99:00:00".to_owned())
    );
    assert_eq!(
        play("# A guide\n\n```toml\na = 1\n```\n"),
        Err("line 3: a block without a path above it".to_owned())
    );
    assert_eq!(
        play("```console\nnothing typed\n```\n"),
        Err("line 2: it is printed by no command".to_owned())
    );
}

#[test]
fn a_guide_whose_figure_or_file_was_changed_fails() {
    let guide = page(ENGLISH);
    let end = guide.find("\n## 3.").expect("the third section");
    let two = guide.get(..end).expect("it begins at a line");
    assert_eq!(play(two), Ok(()));
    for (from, to) in [
        ("files 1, rows loaded 4", "files 1, rows loaded 5"),
        ("4,69.50\n", "4,69.60\n"),
        ("sum = \"payment.amount\"", "sum = \"payment.amounts\""),
        ("digits = 14", "digits = 15"),
    ] {
        assert!(two.contains(from), "`{from}` is not in the guide");
        let changed = two.replacen(from, to, 1);
        assert!(play(&changed).is_err(), "`{to}` was not noticed");
    }
}
