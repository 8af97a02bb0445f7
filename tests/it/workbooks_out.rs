//! A workbook carries no number of its own: what goes out is what was composed under its number.

use std::fs;
use std::path::Path;

use crate::harness::hub::Hub;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// The lines of the fixture's extract: a vehicle each.
fn vehicles() -> Vec<String> {
    let path = "vehicle_office_day/inbox/customs_extract/extract/VEHICLES_20260309.txt";
    let text = fs::read_to_string(Path::new(FIXTURES).join(path)).expect("it is there");
    text.lines().skip(1).map(str::to_owned).collect()
}

/// An extract of some of them with the value they come to.
fn extract(number: u32, fob: &str, lines: &[&String]) -> Vec<u8> {
    let head = format!("H|{number:012}|20260309|{}|{fob}\n", lines.len());
    let lines = lines.iter().map(|line| format!("{line}\n"));
    (head + &lines.collect::<String>()).into_bytes()
}

#[test]
fn each_workbook_that_is_sent_has_the_rows_of_its_own_number() {
    let mut hub = Hub::of("", "inbox/customs_extract");
    let cars = vehicles();
    let tax = hub.path("inbox/tax");
    fs::create_dir_all(tax.join("to_platform")).expect("a folder");
    fs::create_dir_all(tax.join("claims")).expect("a folder");
    let invoices = "tax_refund/inbox/tax/to_platform/INVOICE_20260309.xlsx";
    let there = tax.join("to_platform/INVOICE_20260309.xlsx");
    fs::copy(Path::new(FIXTURES).join(invoices), there).expect("it can be copied");
    hub.run("tax/receive_files").exit(0);
    for (day, content) in [
        (8, extract(1, "6800.00", &[&cars[0]])),
        (9, extract(2, "17100.50", &[&cars[1], &cars[4]])),
    ] {
        hub.put(&format!("extract/VEHICLES_2026030{day}.txt"), &content);
        hub.run("customs/receive_vehicle_extract").exit(0);
        hub.run("tax/claim_exports").exit(0);
    }
    let sent = fs::read_dir(tax.join("from_platform")).expect("two were sent");
    let mut sent: Vec<_> = sent.map(|entry| entry.expect("a file").path()).collect();
    sent.sort();
    for (day, path) in (1..).zip(&sent) {
        let name = format!("EXPORT_2026030{day}.xlsx");
        fs::copy(path, tax.join("claims").join(name)).expect("it can be copied");
    }
    let read = hub.json("run tax/receive_claims");
    let files = read["run"]["files"].as_array().expect("a list").iter();
    let decoded: Vec<_> = files.map(|file| file["decoded"].as_i64()).collect();
    assert_eq!(decoded, [Some(1), Some(2)], "{read:#}");
}
