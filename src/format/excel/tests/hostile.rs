//! Workbooks made to harm: each with its exact outcome, and none with much memory.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::support::{Book, Excel, deflated, row, text, texts};

fn one() -> Excel {
    Excel::texts(&["列"])
}

fn good() -> Book {
    Book::rows(&(texts(1, &["列"]) + &texts(2, &["甲"])))
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn the_good_workbook_beside_the_bad_ones_is_read() {
    assert_eq!(one().read(good().bytes()), ["2: 甲"]);
}

#[test]
fn what_is_no_workbook_is_refused() {
    let not = "error excel-not-a-workbook:";
    assert_eq!(
        one().refuses(b""),
        format!("{not} the content is empty, expected a workbook")
    );
    let neither = format!("{not} the content begins neither as an xlsx nor as an xls workbook");
    assert_eq!(one().refuses("<html><table></table></html>"), neither);
    assert_eq!(one().refuses("列\n甲\n"), neither);
    let mut other = ZipWriter::new(Cursor::new(Vec::new()));
    other.start_file("readme.txt", deflated()).expect("memory");
    let bytes = other.finish().expect("memory").into_inner();
    assert_eq!(
        one().refuses(bytes),
        format!("{not} the package has no `[Content_Types].xml`: it is no workbook")
    );
    let compound = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0];
    assert_eq!(
        one().refuses(compound),
        format!("{not} the content is an xls workbook, expected xlsx")
    );
}

#[test]
fn an_encrypted_workbook_is_refused() {
    let mut compound = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    compound.resize(300_000, 7);
    compound.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(
        one().refuses(compound),
        "error excel-encrypted: the workbook is encrypted: it asks for a password"
    );
    // The flag of a part, in the list of parts and before it.
    let mut bytes = good().bytes();
    for signature in [&b"PK\x01\x02"[..], b"PK\x03\x04"] {
        let at = bytes
            .windows(4)
            .position(|four| four == signature)
            .expect("a part");
        bytes[at + if signature[2] == 1 { 8 } else { 6 }] |= 1;
    }
    assert_eq!(
        one().refuses(bytes),
        "error excel-encrypted: the parts of the workbook are encrypted"
    );
}

#[test]
fn macros_and_links_to_other_workbooks_are_refused() {
    let macros = "error excel-macros:";
    assert_eq!(
        one().refuses(good().part("xl/vbaProject.bin", "x").bytes()),
        format!("{macros} the workbook has the part `xl/vbaproject.bin`")
    );
    let enabled = good().edit(
        "[Content_Types].xml",
        "openxmlformats-officedocument.spreadsheetml.sheet.main",
        "ms-excel.sheet.macroEnabled.main",
    );
    assert_eq!(
        one().refuses(enabled.bytes()),
        format!("{macros} the workbook declares `application/vnd.ms-excel.sheet.macroenab…`")
    );
    assert_eq!(
        one().refuses(
            good()
                .part("xl/externalLinks/externalLink1.xml", "<a/>")
                .bytes()
        ),
        "error excel-external-link: the workbook has the part `xl/externallinks/externallink1.xml`"
    );
    let relation = r#"<Relationship Id="r9" Type="x/externalLink" Target="file:///C:/other.xlsx"/></Relationships>"#;
    let linked = good().edit("xl/_rels/workbook.xml.rels", "</Relationships>", relation);
    assert_eq!(
        one().refuses(linked.bytes()),
        "error excel-external-link: the workbook links to `file:///C:/other.xlsx`"
    );
}

#[test]
fn a_document_type_or_another_encoding_is_refused_in_every_part() {
    let typed = "has a document type declaration, which is never accepted";
    for part in [
        SHEET,
        "xl/workbook.xml",
        "xl/styles.xml",
        "[Content_Types].xml",
        "docProps/app.xml",
    ] {
        let text = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a/>";
        assert_eq!(
            one().refuses(good().part(part, text).bytes()),
            format!(
                "error excel-part: the part `{}` {typed}",
                part.to_lowercase()
            )
        );
    }
    let wide: Vec<u8> = "<worksheet/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        one().refuses(good().part(SHEET, wide).bytes()),
        format!(
            "error excel-part: the part `{SHEET}` has a zero byte: parts are read in UTF-8 only"
        )
    );
}

#[test]
fn a_package_that_deceives_is_refused() {
    let unsafe_name = |name: &str, shown: &str| {
        assert_eq!(
            one().refuses(good().part(name, "x").bytes()),
            format!(
                "error excel-package: the part `{shown}` has a name that leads out of the package"
            )
        );
    };
    unsafe_name("../x", "../x");
    unsafe_name("/x", "/x");
    unsafe_name("a\\x", "a\\x");
    unsafe_name("c:x", "c:x");
    unsafe_name("a/../x", "a/../x");
    assert_eq!(
        one().refuses(good().part("XL/Workbook.xml", "<a/>").bytes()),
        "error excel-package: the part `xl/workbook.xml` is there twice"
    );
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .add_symlink("xl/link", "/etc/passwd", SimpleFileOptions::default())
        .expect("memory");
    let link = writer.finish().expect("memory").into_inner();
    assert_eq!(
        one().refuses(link),
        "error excel-package: the part `xl/link` is a link"
    );
}

#[test]
fn a_damaged_package_is_refused() {
    let bytes = good().bytes();
    for length in [4, 30, bytes.len() / 2, bytes.len() - 1] {
        let said = one().refuses(&bytes[..length]);
        assert!(
            said.starts_with("error excel-package: the package is damaged:"),
            "{said}"
        );
    }
    // A wrong byte of a stored part: the sum of the part tells.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in &good().parts {
        writer.start_file(name.as_str(), stored).expect("memory");
        writer.write_all(content).expect("memory");
    }
    let mut bytes = writer.finish().expect("memory").into_inner();
    let at = bytes
        .windows(3)
        .position(|three| three == "甲".as_bytes())
        .expect("the value");
    bytes[at..at + 3].copy_from_slice("乙".as_bytes());
    let said = one().refuses(bytes);
    assert!(
        said.starts_with(&format!(
            "error excel-package: the part `{SHEET}` is damaged:"
        )),
        "{said}"
    );
}

#[test]
fn a_part_larger_than_it_claims_is_refused() {
    let long = "x".repeat(100_000);
    let rows = texts(1, &["列"]) + &texts(2, &[&long]);
    let book = Book::rows(&rows);
    let size = book.parts[SHEET].len() as u32;
    let mut bytes = book.bytes();
    let claims: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..at + 4] == size.to_le_bytes())
        .collect();
    assert!(!claims.is_empty(), "the list of parts says the size");
    for at in claims {
        bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert_eq!(
        one().refuses(bytes),
        format!(
            "error excel-package: the part `{SHEET}` is damaged: File is larger than its declared uncompr…"
        )
    );
}

#[test]
fn parts_that_overlap_are_refused() {
    // Two entries of the list that lead to the same bytes.
    let mut bytes = good().bytes();
    let entries: Vec<usize> = bytes
        .windows(4)
        .enumerate()
        .filter(|(_, four)| *four == b"PK\x01\x02")
        .map(|(at, _)| at)
        .collect();
    let (first, second) = (entries[0], entries[1]);
    for offset in (42..46).chain(16..28) {
        bytes[second + offset] = bytes[first + offset];
    }
    let said = one().refuses(bytes);
    assert!(said.starts_with("error excel-package:"), "{said}");
}

#[test]
fn every_size_has_its_limit() {
    let limit = |change: fn(&mut crate::format::Limits)| {
        let rows = (3..9)
            .map(|number| texts(number, &["乙"]))
            .collect::<String>();
        let book = good().edit(SHEET, "</sheetData>", &(rows + "</sheetData>"));
        let book = book.part(
            "xl/sharedStrings.xml",
            format!(
                "<sst uniqueCount=\"2\">{}</sst>",
                "<si><t>甲</t></si>".repeat(2)
            ),
        );
        one().limits(change).refuses(book.bytes())
    };
    let said = limit(|limits| limits.workbook.bytes = 100);
    assert_eq!(
        said,
        "error excel-limit: the size of the workbook in bytes is more than 100, the setting `workbook_bytes`"
    );
    assert_eq!(
        limit(|limits| limits.workbook.parts = 6),
        "error excel-limit: the number of parts of the workbook is more than 6, the setting `workbook_parts`"
    );
    assert_eq!(
        limit(|limits| limits.workbook.part_bytes = 600),
        format!(
            "error excel-limit: the part `{SHEET}` has bytes (`workbook_part_bytes`) of more than 600"
        )
    );
    assert_eq!(
        limit(|limits| limits.workbook.opened_bytes = 900),
        "error excel-limit: the part `xl/workbook.xml` has bytes in all parts (`workbook_opened_bytes`) of more than 900"
    );
    assert_eq!(
        limit(|limits| limits.workbook.string_bytes = 20),
        "error excel-limit: the part `xl/sharedstrings.xml` has bytes of shared texts \
         (`workbook_string_bytes`) of more than 20"
    );
    let strings = "error excel-limit: the number of shared texts is more than 1, the setting `workbook_strings`";
    assert_eq!(limit(|limits| limits.workbook.strings = 1), strings);
    assert_eq!(
        limit(|limits| limits.workbook.cells = 1),
        "error excel-limit: the number of cells of the sheet is more than 1, the setting `workbook_cells`"
    );
}

#[test]
fn a_number_of_shared_texts_that_is_only_claimed_is_refused() {
    let claim = |count: &str| {
        good()
            .part(
                "xl/sharedStrings.xml",
                format!("<sst uniqueCount=\"{count}\"></sst>"),
            )
            .bytes()
    };
    let said = "error excel-limit: the number of shared texts is more than 1000000, the setting `workbook_strings`";
    assert_eq!(one().refuses(claim("99999999999")), said);
    assert_eq!(one().refuses(claim("999999999999999999999999")), said);
    assert_eq!(one().read(claim("7")), ["2: 甲"]);
}

#[test]
fn bombs_are_refused_before_they_are_kept() {
    let ratio = "times its compressed bytes (`workbook_ratio`) of more than 100";
    let spaces = " ".repeat(4 << 20);
    // A sheet of blanks: one text of 4 MiB.
    let blank = good().edit(SHEET, "<sheetData>", &format!("<sheetData>{spaces}"));
    let token = "has a text or tag of more than 262144";
    assert_eq!(
        one().refuses(blank.bytes()),
        format!("error excel-limit: the part `{SHEET}` {token}")
    );
    // The same in pieces, each small.
    let pieces = format!("<sheetData>{}", "<row></row>".repeat(400_000));
    let many = good().edit(SHEET, "<sheetData>", &pieces);
    assert_eq!(
        one().refuses(many.bytes()),
        format!("error excel-limit: the part `{SHEET}` has {ratio}")
    );
    let strings = good().part(
        "xl/sharedStrings.xml",
        format!("<sst><si><t>{spaces}</t></si></sst>"),
    );
    assert_eq!(
        one().refuses(strings.bytes()),
        format!("error excel-limit: the part `xl/sharedstrings.xml` {token}")
    );
    let styles = format!(
        "<styleSheet><cellXfs>{}</cellXfs></styleSheet>",
        "<xf numFmtId=\"0\"/>".repeat(200_001)
    );
    let wide = one().limits(|limits| limits.workbook.ratio = 10_000);
    assert_eq!(
        wide.refuses(good().part("xl/styles.xml", styles).bytes()),
        "error excel-limit: the part `xl/styles.xml` has tags of more than 200000"
    );
    let picture = good().part("xl/media/a.png", vec![0_u8; 4 << 20]);
    assert_eq!(
        one().refuses(picture.bytes()),
        format!("error excel-limit: the part `xl/media/a.png` has {ratio}")
    );
    // One text of many small pieces inside one cell.
    let cell = format!(
        "<c r=\"A3\" t=\"inlineStr\"><is><t>{}</t></is></c>",
        "ab<!--x-->".repeat(30_000)
    );
    let cell = good().edit(
        SHEET,
        "</sheetData>",
        &format!("{}</sheetData>", row(3, &[&cell])),
    );
    let small = one().limits(|limits| {
        limits.workbook.ratio = 10_000;
        limits.record_bytes = 1_000;
    });
    assert_eq!(
        small.refuses(cell.bytes()),
        "error excel-limit: the text of a cell in bytes is more than 1000, the setting `record_bytes`"
    );
}

#[test]
fn a_cell_far_away_costs_nothing_and_too_many_cells_are_refused() {
    let far = good().edit(
        SHEET,
        "</sheetData>",
        &format!(
            "{}</sheetData>",
            row(1_048_576, &[&text("XFD1048576", "x")])
        ),
    );
    assert_eq!(one().read(far.bytes()), ["2: 甲", "1048576: "]);
    let wide = one().limits(|limits| limits.columns = 2);
    let book = Book::rows(&(texts(1, &["列"]) + &texts(2, &["1", "2", "3"])));
    assert_eq!(
        wide.refuses(book.bytes()),
        "error excel-limit: row 2 of `Sheet1` has more than 2 cells at C2, the setting `columns`"
    );
}

#[test]
fn rows_and_cells_out_of_order_are_refused() {
    let order = "error excel-order:";
    let said = |rows: &str| one().refuses(Book::rows(rows).bytes());
    assert_eq!(
        said(&(texts(1, &["列"]) + &texts(3, &["a"]) + &texts(2, &["b"]))),
        format!("{order} row 2 comes after row 3")
    );
    assert_eq!(
        said(&(texts(1, &["列"]) + &texts(2, &["a"]) + &texts(2, &["b"]))),
        format!("{order} row 2 comes after row 2")
    );
    let twice = row(1, &[&text("A1", "列"), &text("A1", "列")]);
    assert_eq!(
        said(&twice),
        format!("{order} the cell A1 stands in row 1 after column 1")
    );
    let elsewhere = row(1, &[&text("A2", "列")]);
    assert_eq!(
        said(&elsewhere),
        format!("{order} the cell A2 stands in row 1 after column 0")
    );
    let part = "error excel-part:";
    for bad in ["XFE1", "A0", "A99999999", "1A", "AAAAAAAA1"] {
        let rows = row(1, &[&text(bad, "列")]);
        assert_eq!(
            said(&rows),
            format!("{part} `{bad}` is no place of a sheet")
        );
    }
    let book = Book::sheet("<dimension ref=\"B2:A1\"/><sheetData></sheetData>");
    assert_eq!(
        one().refuses(book.bytes()),
        format!("{part} `B2:A1` is no place of a sheet")
    );
}

#[test]
fn merged_areas_are_bounded_and_may_not_overlap() {
    let areas = |list: &[&str]| -> Vec<u8> {
        let merges: String = list
            .iter()
            .map(|area| format!("<mergeCell ref=\"{area}\"/>"))
            .collect();
        let rows = texts(1, &["列"]) + &texts(2, &["甲"]);
        Book::sheet(&format!(
            "<sheetData>{rows}</sheetData><mergeCells>{merges}</mergeCells>"
        ))
        .bytes()
    };
    assert_eq!(
        one().refuses(areas(&["A2:A9", "A5:A12"])),
        "error excel-part: the merged areas A2:A9 and A5:A12 overlap in column A"
    );
    let few = one().limits(|limits| limits.workbook.merges = 1);
    assert_eq!(
        few.refuses(areas(&["A2:A3", "A5:A6"])),
        "error excel-limit: the number of merged areas is more than 1, the setting `workbook_merges`"
    );
}

#[test]
fn markup_that_is_damaged_is_refused() {
    let part = format!("error excel-part: the part `{SHEET}`");
    let said = |sheet: &str| one().refuses(good().part(SHEET, sheet).bytes());
    assert_eq!(
        said("<worksheet><sheetData>"),
        format!("{part} ends too early")
    );
    assert!(
        said("<worksheet><sheetData></row></worksheet>")
            .starts_with(&format!("{part} is not well-formed:"))
    );
    assert!(said("").starts_with("error excel-part: the sheet `Sheet1` cannot be read:"));
    let deep = "<a>".repeat(65) + &"</a>".repeat(65);
    assert_eq!(said(&deep), format!("{part} is nested too deeply"));
    let unknown = texts(1, &["列"]) + &row(2, &["<c r=\"A2\" t=\"e\"><v>#SPILL!</v></c>"]);
    assert_eq!(
        one().refuses(Book::rows(&unknown).bytes()),
        "error excel-part: the sheet `Sheet1` cannot be read: Unsupported cell error value '#SPILL!'"
    );
    let missing = texts(1, &["列"]) + &row(2, &["<c r=\"A2\" t=\"s\"><v>9</v></c>"]);
    assert_eq!(
        one().refuses(Book::rows(&missing).bytes()),
        "error excel-part: the sheet `Sheet1` cannot be read: Cell string index not found in shared st…"
    );
}
