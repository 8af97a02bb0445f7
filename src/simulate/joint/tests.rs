//! The reference world and view: every key is shown, and what they say is what is written.

use std::fs;
use std::path::{Path, PathBuf};

use super::{JointRequest, Scenery, VIEW_KEYS, WORLD_KEYS, write};
use crate::diag::Problems;
use crate::document::{Key, KeyKind, key_table_faults};
use crate::job::Configuration;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn reference(name: &str) -> String {
    fs::read_to_string(root().join("docs/reference").join(name)).expect("it is there")
}

fn configuration() -> Configuration {
    let mut problems = Problems::new();
    let configuration = Configuration::read(&root().join("dukou.toml"), &mut problems);
    configuration.expect("the shipped configuration is right")
}

/// A folder with the reference world and view, each changed by one replacement.
#[expect(
    clippy::disallowed_methods,
    reason = "tests set the stage with plain files"
)]
fn folder(from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |path: &str, name: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, reference(name).replacen(from, to, 1)).expect("it is written");
    };
    put("world.toml", "simulate_world.toml");
    put("etc_clearing/view.toml", "simulate_view.toml");
    folder
}

fn read(folder: &Path, configuration: &Configuration) -> (Option<Scenery>, Vec<String>) {
    let mut problems = Problems::new();
    let scenery = Scenery::read(folder, configuration, &mut problems);
    let said = problems
        .sorted()
        .iter()
        .map(|one| one.message.clone())
        .collect();
    (scenery, said)
}

fn names(keys: &[Key], found: &mut Vec<&'static str>) {
    for key in keys {
        found.push(key.name);
        if let KeyKind::Table(inner) | KeyKind::TableList(inner) | KeyKind::NamedTables(inner) =
            key.kind
        {
            names(inner, found);
        }
    }
}

#[test]
fn every_key_of_a_world_and_of_a_view_stands_in_the_reference() {
    for (keys, name) in [
        (WORLD_KEYS, "simulate_world.toml"),
        (VIEW_KEYS, "simulate_view.toml"),
    ] {
        assert_eq!(key_table_faults(keys), Vec::<String>::new());
        let text = reference(name);
        let mut all = Vec::new();
        names(keys, &mut all);
        for key in all {
            let is_shown = [format!("{key} = "), format!("{key}]")]
                .iter()
                .any(|one| text.contains(one));
            assert!(is_shown, "{name} does not show `{key}`");
        }
    }
}

#[test]
fn the_same_request_gives_the_same_bytes_and_the_statement_is_what_was_planted() {
    let configuration = configuration();
    let folder = folder("", "");
    let (scenery, problems) = read(folder.path(), &configuration);
    assert_eq!(problems, Vec::<String>::new());
    let scenery = scenery.expect("it is right");
    let request = JointRequest {
        date: "2026-03-09".parse().expect("a day"),
        seed: 7,
        scale: 1,
    };
    let written = |seed: u64, out: &str| {
        let out = folder.path().join(out);
        let request = JointRequest { seed, ..request };
        let statement =
            write(&request, &scenery, None, &configuration, &out).expect("it is written");
        let path = out.join("etc_clearing/lists/CARDSTATUS_20260309_001.txt");
        (statement, fs::read(path).expect("the list"))
    };
    let (statement, list) = written(7, "a");
    assert_eq!(written(7, "b"), (statement.clone(), list.clone()));
    assert_ne!(written(8, "c").1, list);
    assert_eq!(
        statement.world,
        [("holder".to_owned(), 3), ("recharge".to_owned(), 6)]
    );
    let file = statement.files.first().expect("one file");
    assert_eq!(file.records, [("card".to_owned(), 3)]);
    let planted: Vec<(u64, &str)> = statement
        .planted
        .iter()
        .map(|one| (one.row, one.title.as_str()))
        .collect();
    assert_eq!(
        planted,
        [
            (1, "第一张卡未报"),
            (2, "第二张卡报了两次"),
            (3, "第三张卡状态不同")
        ]
    );
    assert!(
        statement
            .text()
            .contains("etc_clearing/lists/CARDSTATUS_20260309_001.txt 第 1 行：第一张卡未报")
    );
}

#[test]
fn every_problem_of_a_world_and_a_view_is_said() {
    let configuration = configuration();
    for (from, to, message) in [
        (
            "{id_kind}",
            "{id_kin}",
            "`holder` has no column `id_kin` before this one",
        ),
        (
            "of = [\"holder\"]",
            "of = [\"owner\"]",
            "there is no table `owner` before",
        ),
        ("R{n:06}", "R{n:06", "`R{n:06` has a `{` without its `}`"),
        (
            "{n:06}",
            "{n:six}",
            "`{n:six}` has a width that is no number up to 40",
        ),
        (
            "{card_id}",
            "{card}",
            "there is no column `card` to fill `{card}` with",
        ),
        (
            "from = \"holder\" ",
            "from = \"holders\" ",
            "there is no table of the world `holders`",
        ),
        (
            "record = \"card\" ",
            "record = \"cards\" ",
            "there is no record `cards`",
        ),
        (
            "card_status_list",
            "card_status_lists",
            "there is no mapping `etc_clearing/card_status_lists`",
        ),
        (
            "card_net = ",
            "card_nets = ",
            "there is no field `card_nets`",
        ),
        (
            "connection = \"etc_clearing\"",
            "connection = \"etc\"",
            "there is no connection `etc` in the settings",
        ),
        (
            "{ pick = [\"西安\", \"咸阳\"] }",
            "{ pick = [\"西安\"], text = \"a\" }",
            "a column is made in exactly one way: by `text`, `cycle`, `pick`, `integer`, `fen`, `days`, `clearing` or `specimen`",
        ),
    ] {
        let folder = folder(from, to);
        let (scenery, problems) = read(folder.path(), &configuration);
        assert!(scenery.is_none(), "{message}");
        assert!(
            problems.iter().any(|one| one == message),
            "{message}: {problems:#?}"
        );
    }
}
