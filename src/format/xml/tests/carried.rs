//! Elements that no field wants: carried as they stand, and shared values that come last.

use super::*;
use crate::format::xml::{SharedValues, reading_problems};

fn plan() -> XmlPlan {
    XmlPlan {
        namespace: Some("urn:dec".to_owned()),
        namespace_required: false,
        shared: SharedValues::Anywhere,
        ..XmlPlan::default()
    }
}

fn declaration() -> Layout {
    layout(vec![
        kind(
            "document",
            "Dec",
            &["@Version|@version", "/Dec/Sign/No", "*"],
        ),
        kind("head", "Dec/Head", &["/Dec/Sign/No", "Seq", "Port", "*"]),
        kind("goods", "Dec/Lists/List", &["/Dec/Sign/No", "GNo", "*"]),
        kind("sign", "Dec/Sign", &["Type", "No"]),
    ])
}

const CANONICAL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Dec xmlns="urn:dec" Version="4.8">
  <Early a='1' b="&lt;"/>
  <Head>
    <First>&#20013;&amp;</First>
    <Seq/>
    <Between><!-- kept --><x:Deep xmlns:x="urn:x" x:a="1"> <![CDATA[<raw>]]> </x:Deep><?keep this?></Between>
    <Port>9009</Port>
    <Last>
        <Own   indent="yes" />
    </Last>
  </Head>
  <Lists>
    <List>
      <GNo>1</GNo>
      <Duty>3</Duty>
      <Duty>3</Duty>
    </List>
    <List>
      <GNo>2</GNo>
    </List>
    <Loose/>
  </Lists>
  <Risk>低</Risk>
  <Sign>
    <Type>G</Type>
    <No>UC1</No>
  </Sign>
  <Edoc>
    <Id>1</Id>
  </Edoc>
</Dec>
"#;

/// Everything a document has, in the order of its beginnings, ready to be written.
fn records(content: &str) -> Vec<(usize, Vec<Option<String>>)> {
    let read = read_with(content.as_bytes(), &plan(), &declaration()).expect("it is well-formed");
    assert_eq!(read.refused(), []);
    let mut records = read.records;
    records.sort_by_key(|record| (record.place.offset, record.kind));
    records
        .into_iter()
        .map(|record| (record.kind, record.slots))
        .collect()
}

fn written(records: &[(usize, Vec<Option<String>>)]) -> Result<String, String> {
    let slots: Vec<(usize, Vec<Option<&str>>)> = records
        .iter()
        .map(|(kind, slots)| (*kind, slots.iter().map(Option::as_deref).collect()))
        .collect();
    let slots: Vec<(usize, &[Option<&str>])> = slots
        .iter()
        .map(|(kind, slots)| (*kind, slots.as_slice()))
        .collect();
    let bytes = write_with(&plan(), &declaration(), &slots).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(bytes).expect("UTF-8"))
}

#[test]
fn what_no_field_wants_is_written_back_where_it_stood() {
    assert_eq!(written(&records(CANONICAL)), Ok(CANONICAL.to_owned()));
}

#[test]
fn a_shared_value_behind_its_records_reaches_all_of_them() {
    let records = records(CANONICAL);
    let numbers: Vec<(usize, Option<&str>)> = records
        .iter()
        .map(|(kind, slots)| {
            let slot = match kind {
                0 | 3 => 1,
                _ => 0,
            };
            (*kind, slots[slot].as_deref())
        })
        .collect();
    let number = Some("UC1");
    assert_eq!(
        numbers,
        [
            (0, number),
            (1, number),
            (2, number),
            (2, number),
            (3, number)
        ]
    );
}

#[test]
fn a_value_that_is_filled_or_emptied_leaves_what_is_carried_in_its_order() {
    let mut records = records(CANONICAL);
    records[1].1[1] = None;
    let without = written(&records).expect("it can be written");
    assert_eq!(without, CANONICAL.replace("    <Seq/>\n", ""));
}

#[test]
fn any_namespace_and_either_spelling_of_an_attribute_are_read_and_the_plans_are_written() {
    let other = CANONICAL
        .replace(" xmlns=\"urn:dec\"", "")
        .replace(" Version", " version");
    assert_eq!(written(&records(&other)), Ok(CANONICAL.to_owned()));
    let other = CANONICAL.replace("urn:dec", "urn:other");
    assert_eq!(written(&records(&other)), Ok(CANONICAL.to_owned()));
}

#[test]
fn what_cannot_stand_alone_is_refused() {
    for (content, said) in [
        (
            "<Dec xmlns:x=\"urn:x\"><Head><x:A/></Head><Sign><No>1</No></Sign></Dec>",
            "xml-carried-prefix: an element that no field wants uses the prefix `x`, which is declared \
             outside of it, so it cannot be carried",
        ),
        (
            "<Dec xmlns:x=\"urn:x\"><Head><A x:nil=\"true\"/></Head><Sign><No>1</No></Sign></Dec>",
            "xml-carried-prefix: an element that no field wants uses the prefix `x`, which is declared \
             outside of it, so it cannot be carried",
        ),
        (
            "<Dec><Head><Port><A/></Port></Head><Sign><No>1</No></Sign></Dec>",
            "mixed-content: `Port` has both text and child elements, expected text only",
        ),
    ] {
        let read = read_with(content.as_bytes(), &plan(), &declaration()).expect("well-formed");
        let refused: Vec<String> = read
            .rejects
            .iter()
            .map(|reject| format!("{}: {}", reject.code.id, reject.detail))
            .collect();
        assert_eq!(refused, [said]);
    }
}

#[test]
fn what_is_carried_and_what_waits_is_bounded() {
    let limits = Limits {
        record_bytes: 200,
        xml_held_bytes: 2000,
        ..Limits::default()
    };
    let read = |content: String| {
        let content = std::io::Cursor::new(content.into_bytes());
        refusal(read_from(
            Box::new(content),
            &plan(),
            &declaration(),
            &limits,
        ))
    };
    let flood = format!("<Dec><Head>{}</Head></Dec>", "<A>x</A>".repeat(30));
    assert_eq!(read(flood).0, "xml-limit-exceeded");
    let flood = format!("<Dec><Head><A>{}</A></Head></Dec>", "<!--x-->".repeat(30));
    assert_eq!(read(flood).0, "xml-limit-exceeded");
    let many = format!(
        "<Dec><Lists>{}</Lists></Dec>",
        "<List><GNo>1</GNo></List>".repeat(20)
    );
    assert_eq!(read(many).0, "xml-limit-exceeded");
}

#[test]
fn a_text_that_was_not_carried_is_not_written() {
    for (rest, said) in [
        (
            "<A/>",
            "`head`: `*` is no list of carried elements as they were read",
        ),
        (
            "<?after Gone 4?><A/>",
            "`head`: `*` has `<A/>` in `` after `Gone`, which the mapping does not know there",
        ),
    ] {
        let mut records = records(CANONICAL);
        records[1].1[3] = Some(rest.to_owned());
        assert_eq!(written(&records), Err(said.to_owned()));
    }
}

#[test]
fn one_field_takes_all_the_rest() {
    let twice = layout(vec![kind("head", "Dec", &["*", "Seq", "*"])]);
    let messages: Vec<String> = reading_problems(&twice)
        .into_iter()
        .map(|found| found.message)
        .collect();
    assert_eq!(
        messages,
        ["`*` stands twice in one record: one field takes all the rest"]
    );
}
