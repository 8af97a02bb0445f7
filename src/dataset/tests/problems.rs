//! Every problem of a dataset's file, in one pass, with its place.

use super::{TRADE, read};
use crate::dataset::{CODES, COMPOSE_KEYS, CONDITION_KEYS, DATASET_KEYS, Datasets};
use crate::diag::Problems;
use crate::document::key_table_faults;
use std::path::Path;

#[test]
fn every_problem_of_a_dataset_is_found_in_one_pass() {
    let text = r#"title = "测试"
title_en = "Test"
key = ["idd", "day", "day"]
distribution = "name"
indexes = [["day"], ["day"], "name", ["nmae"]]
effective = "day"

[column]
id = { type = "integer", title = "号", title_en = "Number", scale = 2 }
day = { type = "date", title = "日", title_en = "Day" }
name = { type = "txt", title = "名", title_en = "Name" }
lineage_mine = { type = "text", title = "源", title_en = "Origin" }
Rate = { type = "decimal", precision = 3, scale = 4, title = "率", title_en = "Rate" }
weight = { type = "decimal", title = "重", title_en = "Weight", class = "secret" }
"#;
    let (dataset, problems) = read("test", text);
    assert_eq!(dataset, None);
    assert_eq!(
        problems,
        [
            "3:8 unknown-column: there is no column `idd` in this dataset (did you mean `id`?)",
            "3:22 dataset-key: column `day` is named twice",
            "5:21 dataset-key: this index is there already (remove it)",
            r#"5:30 dataset-key: `indexes` is a list of lists of columns (write `indexes = [["a"], ["b", "c"]]`)"#,
            "5:39 unknown-column: there is no column `nmae` in this dataset (did you mean `name`?)",
            "6:13 dataset-key: `effective` is `day`, which is `date` and must be `instant`",
            "9:68 dataset-type: a column of type `integer` has no `precision` and no `scale` (remove it, or make the column a `decimal`)",
            "11:17 unknown-word: `txt` is no word for `type` (did you mean `text`? expected one of `text`, `integer`, `money`, `date`, `instant`, `decimal`)",
            "12:1 dataset-name: column `lineage_mine`: names that begin with `lineage_` are the hub's own",
            "13:1 dataset-name: a column cannot be called so: `Rate` has a character other than a-z, 0-9 and _, or does not start with a letter",
            "13:51 dataset-type: `scale` is 4 and cannot be more than `precision`, which is 3",
            "14:19 dataset-type: a `decimal` column needs `precision` and `scale` (such as `precision = 12, scale = 3` for 123456789.012)",
            "14:72 unknown-word: `secret` is no word for `class` (expected one of `none`, `personal`, `sensitive`)",
        ]
    );
}

#[test]
fn a_dataset_cannot_take_a_name_of_the_hub_or_of_the_database() {
    for (name, problem) in [
        (
            "dukou_card",
            "1:1 dataset-name: dataset `dukou_card`: names that begin with `dukou_` are the hub's own (rename the file)",
        ),
        (
            "Card",
            "1:1 dataset-name: a dataset has the name of its file: `Card` has a character other than a-z, 0-9 and _, or does not start with a letter (rename the file)",
        ),
    ] {
        let (dataset, problems) = read(name, TRADE);
        assert_eq!((dataset, problems), (None, vec![problem.to_owned()]));
    }
}

#[test]
fn a_dataset_has_at_most_two_hundred_columns() {
    let mut text =
        "title = \"宽\"\ntitle_en = \"Wide\"\nkey = [\"c0\"]\ndistribution = \"c0\"\n[column]\n"
            .to_owned();
    for at in 0..201 {
        let column =
            format!("c{at} = {{ type = \"text\", title = \"列\", title_en = \"Column\" }}\n");
        text.push_str(&column);
    }
    let (_, problems) = read("wide", &text);
    assert_eq!(
        problems,
        ["5:2 dataset-column: a dataset has between 1 and 200 columns, and this one has 201"]
    );
}

#[test]
fn the_shipped_datasets_have_no_problem() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/datasets");
    let mut problems = Problems::new();
    let datasets = Datasets::read_dir(&folder, Path::new("mappings/datasets"), &mut problems);
    assert_eq!(problems.lines_with_help(), Vec::<String>::new());
    let files = std::fs::read_dir(&folder)
        .expect("the folder is shipped")
        .count();
    assert_eq!(datasets.len(), files);
    let trades = datasets.get("etc_transaction").expect("it is shipped");
    assert_eq!(trades.key_positions(), [0, 1, 2, 3]);
}

#[test]
fn a_missing_folder_is_a_problem_and_gives_no_datasets() {
    let mut problems = Problems::new();
    let nowhere = Path::new("nowhere/datasets");
    assert!(Datasets::read_dir(nowhere, nowhere, &mut problems).is_empty());
    assert_eq!(
        problems.lines_with_help(),
        [
            "1:1 dataset-folder: the folder `nowhere/datasets` cannot be read: No such file or directory (os error 2) (make it: every dataset is a file in it)"
        ]
    );
}

#[test]
fn the_key_tables_and_codes_are_sound() {
    assert_eq!(key_table_faults(DATASET_KEYS), Vec::<String>::new());
    assert_eq!(key_table_faults(&CONDITION_KEYS), Vec::<String>::new());
    assert_eq!(key_table_faults(COMPOSE_KEYS), Vec::<String>::new());
    let mut ids: Vec<&str> = CODES.iter().map(|code| code.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), CODES.len());
}
