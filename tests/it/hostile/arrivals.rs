//! What a file gets for when and how it comes: again, altered, under another name, still growing.

use std::fs;

use super::stage::{Stage, array, text};

const JOB: &str = "hostile/receive";
const ORDERS: &str = "order_no,owner,amount,due_on,channel,remark\n";

fn orders(amount: &str) -> Vec<u8> {
    format!("{ORDERS}1,张三,{amount},2026-01-05,A,\n").into()
}

fn message(number: u32, amount: &str) -> Vec<u8> {
    format!(
        "<Message xmlns=\"urn:example:hostile\" Version=\"1\"><Header><No>{number}</No>\
         <Count>1</Count><Total>{amount}</Total></Header><Order No=\"1\"><Owner>张三</Owner>\
         <Amount>{amount}</Amount><DueOn>2026-01-05</DueOn><Channel>A</Channel></Order></Message>"
    )
    .into()
}

/// Files one after the other, each with its outcome and the rows that there are afterwards.
fn arrive(arrivals: &[(&str, Vec<u8>, &str, usize)]) {
    let mut stage = Stage::new(None);
    for (name, bytes, outcome, rows) in arrivals {
        stage.put(&format!("in/{name}"), bytes);
        let exit = i32::from(!matches!(*outcome, "loaded" | "duplicate"));
        let outcomes = stage.run(JOB, exit);
        assert_eq!(outcomes.get(*name).map(String::as_str), Some(*outcome));
        assert_eq!(stage.rows().len(), *rows, "{name}");
    }
    let done = stage.hub.path("inbox/hostile/done");
    let kept = fs::read_dir(done).expect("a folder").count();
    assert_eq!(
        kept,
        arrivals.len(),
        "no finished file takes another's place"
    );
}

#[test]
fn a_file_known_by_its_name_comes_again() {
    arrive(&[
        ("orders.a.txt", orders("10.00"), "loaded", 1),
        ("orders.a.txt", orders("10.00"), "duplicate", 1),
        ("orders.a.txt", orders("10.01"), "altered", 1),
        ("orders.b.txt", orders("10.00"), "loaded", 2),
        ("orders.A.txt", orders("10.00"), "loaded", 3),
    ]);
}

#[test]
fn a_message_known_by_its_number_comes_again() {
    arrive(&[
        ("message.a.txt", message(7, "10.00"), "loaded", 1),
        ("message.b.txt", message(7, "10.00"), "duplicate", 1),
        ("message.a.txt", message(7, "10.01"), "altered", 1),
        ("message.a.txt", message(8, "10.00"), "loaded", 1),
        ("message.c.txt", message(6, "10.00"), "loaded", 2),
    ]);
}

#[test]
fn a_held_file_comes_again_and_is_good() {
    arrive(&[
        ("message.a.txt", message(7, "10"), "content", 0),
        ("message.a.txt", message(7, "10"), "content", 0),
        ("message.a.txt", message(7, "10.00"), "loaded", 1),
        ("message.a.txt", message(7, "10"), "content", 1),
    ]);
}

#[test]
fn a_file_that_no_read_fits_is_held_and_answered() {
    let mut stage = Stage::new(None);
    stage.put("in/invoices.a.txt", b"x\n");
    let outcomes = stage.run(JOB, 1);
    stage.answers_are_those_of(&outcomes);
    assert_eq!(
        stage.gets()["invoices.a.txt"],
        "held `unroutable`: no read of `hostile/receive` fits; the route found case = `a`, \
         kind = `invoices`; decoded 0"
    );
}

#[test]
fn a_file_that_may_still_grow_is_left_alone() {
    let mut stage = Stage::new(None);
    let job = "jobs/hostile/receive.toml";
    stage
        .hub
        .change(job, "stable_secs = 0", "stable_secs = 86400");
    stage.put("in/orders.a.txt", &orders("10.00"));
    let report = stage.report(JOB, 0);
    let skipped = array(&report, "/run/skipped");
    let codes: Vec<&str> = skipped.iter().map(|one| text(one, "/code")).collect();
    assert_eq!(codes, ["not-ready"]);
    assert!(stage.hub.path("inbox/hostile/in/orders.a.txt").exists());
    stage
        .hub
        .change(job, "stable_secs = 86400", "stable_secs = 0");
    assert_eq!(stage.run(JOB, 0).len(), 1);
}
