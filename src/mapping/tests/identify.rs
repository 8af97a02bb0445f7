//! `check`, read through whole mappings and asked of records.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use super::clock;
use crate::dataset::Datasets;
use crate::diag::{Problems, Source};
use crate::document::Document;
use crate::format::{Limits, Next, Reader};
use crate::id::MappingName;
use crate::mapping::{CodeTable, Context, FileWriter, Mapped, Mapper, Mapping, World};

const TYPES: &str = "resident_id\t101\t身份证\tresident ID\n\
                     foreign_passport\t102\t护照\tpassport\n\
                     permanent_resident_id\t\t永久居留身份证\tpermanent resident\n";

fn read(fields: &str, table: &str) -> (Option<Mapping>, Vec<String>) {
    let text = format!(
        "title = \"x\"\nstatus = \"profile\"\n[format.csv]\n[identity]\ncontext = [\"file_name\"]\n\
         [record.person]\ncsv = {{ columns = [\"type\", \"no\"] }}\n[record.person.field]\n{fields}"
    );
    let mut problems = Problems::new();
    let codes = CodeTable::read(&Source::new("codes/t.tsv", table), &mut problems);
    let codes = Arc::new(codes);
    let document = Document::parse(Source::new("m.toml", text), &mut problems);
    let world = World {
        datasets: &Datasets::default(),
        codes: &|name| (name == "t").then(|| Arc::clone(&codes)),
        code_names: vec!["t".to_owned()],
    };
    let name = MappingName::new("bank/file").expect("a good name");
    let mapping = Mapping::read(&document, name, &world, &mut problems);
    (mapping, problems.lines())
}

/// What becomes of each line, then the doubts.
fn said(fields: &str, content: &str) -> Vec<String> {
    let (mapping, problems) = read(fields, TYPES);
    assert_eq!(problems, [""; 0]);
    let mapping = mapping.expect("it has no problem");
    let clock = clock();
    let context = Context {
        clock: &clock,
        values: BTreeMap::new(),
    };
    let mut mapper = Mapper::new(&mapping, context);
    let content = Box::new(Cursor::new(content.as_bytes().to_vec()));
    let mut reader = Reader::open(
        &mapping.format,
        &mapping.layout,
        &Limits::default(),
        content,
    )
    .expect("it begins as it must");
    let mut record = reader.record();
    let mut said = Vec::new();
    while !matches!(
        reader.next(&mut record).expect("it is well-formed"),
        Next::End
    ) {
        let refused = match mapper.map(&record) {
            Mapped::Refused(reject, _) => Some(reject),
            _ => None,
        };
        said.push(match refused {
            Some(reject) => format!("{} {}", reject.code.id, reject.detail),
            None => format!(
                "{:?}",
                mapper.local(0).get("no").and_then(|no| no.as_text())
            ),
        });
    }
    said.extend(mapper.finish().doubts.iter().map(ToString::to_string));
    said
}

#[test]
fn a_number_is_judged_kept_in_upper_case_and_masked_when_refused() {
    // The clock stands at 1970, so nobody was born after that.
    assert_eq!(
        said(
            "no = { from = \"no\", type = \"text\", check = \"resident_id\" }",
            "x,11010519491231002x\nx,110105194912310021\nx,110105491231002\nx,\n"
        ),
        [
            "Some(\"11010519491231002X\")",
            "bad-identifier found `11**************21` as `resident_id`: the check digit does not agree \
             with the digits before it",
            "Some(\"110105491231002\")",
            "missing-field the field is absent or empty",
            "`person.no`: 1 value accepted with a doubt, the first in record 3: it has an old or \
             unpublished form",
        ]
    );
}

const BY_TYPE: &str = "type = { from = \"type\", type = \"text\", codes = \"t\", required = false }\n\
                       no = { from = \"no\", type = \"text\", check = { document = \"type\" }, required = false }";

#[test]
fn a_document_is_judged_by_the_type_beside_it() {
    assert_eq!(
        said(
            BY_TYPE,
            "101,11010519491231002X\n102,11010519491231002X\n102,ab12345\n,AB12345\n999,AB12345\n,\n"
        ),
        [
            "Some(\"11010519491231002X\")",
            "bad-identifier found `11**************2X` as `foreign_passport`, expected 5 to 17 letters \
             and digits",
            "Some(\"AB12345\")",
            "no-document-type `type` is empty, so it is not known which document this is",
            "code-not-in-table found `999`, expected one of 101, 102",
            "None",
        ]
    );
}

#[test]
fn a_type_without_a_partners_code_is_refused_on_writing_and_never_sent_as_another() {
    let (mapping, _) = read(BY_TYPE, TYPES);
    let mapping = mapping.expect("it has no problem");
    let clock = clock();
    for (ty, expected) in [
        ("resident_id", Ok("101,AB\n".to_owned())),
        (
            "permanent_resident_id",
            Err(
                "`person.type`: the partner has no code for `permanent_resident_id`, \
                 and none was agreed"
                    .to_owned(),
            ),
        ),
        (
            "hermit",
            Err("`person.type`: the code table has no partner's code for `hermit`".to_owned()),
        ),
    ] {
        let mut writer = FileWriter::new(&mapping, &clock, Vec::new()).expect("it can be written");
        let local = BTreeMap::from([
            ("type".to_owned(), ty.into()),
            ("no".to_owned(), "AB".into()),
        ]);
        let written = writer
            .record(0, &[], &local)
            .and_then(|()| writer.finish())
            .map(|bytes| String::from_utf8(bytes).expect("text"))
            .map_err(|error| error.to_string());
        assert_eq!(written, expected);
    }
}

#[test]
fn every_mistake_in_checks_is_found_in_one_pass() {
    let (_, said) = read(
        "a = { from = \"no\", type = \"text\", check = \"vim\" }\n\
         b = { from = \"no\", type = \"integer\", check = \"vin\" }\n\
         c = { from = \"no\", type = \"text\", check = [\"vin\"] }\n\
         d = { from = \"no\", type = \"text\", check = { document = \"typ\" } }\n\
         e = { from = \"no\", type = \"text\", check = { document = \"type\" } }\n\
         f = { from = \"no\", type = \"text\", check = \"vin\", codes = \"t\" }\n\
         g = { from = \"no\", type = \"text\", check = { documents = \"type\" } }\n\
         type = { from = \"type\", type = \"text\", codes = \"t\" }",
        "resident_id\t101\t身份证\tID\nhermit\t9\t隐士证\thermit\n",
    );
    assert_eq!(
        said,
        [
            "9:43 bad-mapping: there is no check `vim`",
            "10:38 bad-mapping: `check` is about a text, and this field is none",
            "11:43 bad-mapping: a check is the name of a kind of number, or `{ document = \"…\" }` with \
             the field that has the document's type",
            "12:56 unknown-name: there is no field `typ`",
            "13:56 bad-mapping: `type` can be `hermit` by its code table, which is no document type",
            "14:35 bad-mapping: `check` is about a number as it is written, so it does not go with `codes`",
            "15:45 unknown-key: unknown key `documents` in `[record.person.field.g.check]`",
        ]
    );
}
