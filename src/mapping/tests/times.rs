//! Moments whose time of day stands apart from their day, and numbers with zeros in front.

use std::collections::BTreeMap;

use super::{clock, mapping, read};
use crate::mapping::{FileWriter, Local, Mapping};
use crate::value::Value;

/// One line of three fields, none of them stored.
fn line(fields: &str) -> String {
    format!(
        "title = \"x\"\nstatus = \"profile\"\n[format.csv]\n[identity]\ncontext = [\"file_name\"]\n\
         [record.row]\ncsv = {{ columns = [\"day\", \"time\", \"no\"] }}\n[record.row.field]\n{fields}\n"
    )
}

fn written(mapping: &Mapping, local: &[(&str, Value)]) -> Result<String, String> {
    let clock = clock();
    let local: Local = (local.iter())
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect::<BTreeMap<_, _>>();
    let mut writer = FileWriter::new(mapping, &clock, Vec::new()).expect("it is two-way");
    let bytes = (writer.record(0, &[], &local))
        .and_then(|()| writer.finish())
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8(bytes).expect("it is text"))
}

fn instant(text: &str) -> Value {
    Value::Instant(text.parse().expect("a moment"))
}

#[test]
fn a_moment_is_written_into_its_two_places() {
    let two = mapping(&line(
        "at = { from = \"day\", type = \"instant\", format = \"%Y%m%d\", time = { from = \"time\", format = \"%H%M%S\" } }",
    ));
    let at = instant("2026-03-01T02:15:01Z");
    assert_eq!(
        written(&two, &[("at", at)]),
        Ok("20260301,101501,\n".to_owned())
    );
    let within = instant("2026-03-01T02:15:01.5Z");
    assert_eq!(
        written(&two, &[("at", within)]),
        Err("`row.at`: the row's time of day cannot be said in its place".to_owned())
    );
}

#[test]
fn the_last_second_of_a_day_is_written_as_the_day_and_no_other_moment_is() {
    let end = mapping(&line(
        "at = { from = \"day\", type = \"instant\", format = \"%Y%m%d\", time_of_day = \"end\" }",
    ));
    let last = instant("2026-03-01T15:59:59Z");
    assert_eq!(
        written(&end, &[("at", last)]),
        Ok("20260301,,\n".to_owned())
    );
    let noon = instant("2026-03-01T04:00:00Z");
    assert_eq!(
        written(&end, &[("at", noon)]),
        Err("`row.at`: the row's time of day cannot be said in its place".to_owned())
    );
}

#[test]
fn a_number_of_so_many_digits_is_written_with_zeros_in_front_and_never_cut() {
    let padded = mapping(&line(
        "no = { from = \"no\", type = \"integer\", digits = 3 }",
    ));
    assert_eq!(
        written(&padded, &[("no", Value::Int(7))]),
        Ok(",,007\n".to_owned())
    );
    for number in [1000, -1] {
        assert_eq!(
            written(&padded, &[("no", Value::Int(number))]),
            Err("`row.no`: the row's value is not a number of 3 digits".to_owned())
        );
    }
}

#[test]
fn what_cannot_be_a_time_of_its_own_is_said_at_its_place() {
    let (_, said) = read(&line(
        "a = { from = \"day\", type = \"instant\", format = \"%Y%m%d\", time = { from = \"time\", format = \"%H\" } }\n\
         b = { from = \"day\", type = \"instant\", format = \"%Y%m%d\", time = { from = \"time\", format = \"%H%M\" }, time_of_day = \"end\" }\n\
         c = { from = \"day\", type = \"date\", format = \"%Y%m%d\", time_of_day = \"end\" }",
    ));
    assert_eq!(
        said,
        [
            "9:91 bad-mapping: the format has no %M",
            "10:5 bad-mapping: `time` and `time_of_day` are for the text of a day, one of them alone; a cell of a workbook \
             and a value of the surroundings have their own",
            "11:55 bad-mapping: `time_of_day` is about a moment, and this field is none",
        ]
    );
}
