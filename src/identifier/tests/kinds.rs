use std::collections::BTreeSet;

use super::check;
use crate::identifier::{Doubt, Fault, Identifier, WORDS, find_vins};

/// Accepted without a doubt.
const GOOD: &[(&str, &[&str])] = &[
    // The example of GB 11643, and numbers made up with its algorithm.
    (
        "resident_id",
        &[
            "11010519491231002X",
            "11010519491231002x",
            "610101199001010013",
        ],
    ),
    (
        "hk_macau_residence_permit",
        &["810000199408230021", "820000199001010010"],
    ),
    // The specimen that the police published.
    (
        "taiwan_residence_permit",
        &["830000199201300022", "830000199001010012"],
    ),
    (
        "permanent_resident_id",
        &["911840198506150011", "ABC123456789012"],
    ),
    ("permanent_resident_id_new", &["911840198506150011"]),
    ("permanent_resident_id_old", &["ABC123456789012"]),
    ("foreign_passport", &["C01X00T47", "123456789", "ab12345"]),
    (
        "chinese_passport",
        &[
            "E12345678",
            "EA1234567",
            "D1234567",
            "SE1234567",
            "G12345678",
            "141234567",
            "KJ1234567",
            "MA1234567",
        ],
    ),
    ("hk_macau_travel_permit", &["H12345678", "M1234567801"]),
    ("taiwan_travel_permit", &["12345678"]),
    ("military_officer_id", &["军字第1234567号"]),
    ("armed_police_id", &["武字第1234567号"]),
    ("other_person_document", &["A-1234"]),
    ("uscc", &["91619900MA000DEM17", "91619900MA000TEX5R"]),
    ("organisation_code", &["MA000DEM1", "MA000DEM-1"]),
    ("business_licence", &["91619900MA000DEM17"]),
    ("institution_certificate", &["91619900MA000DEM17"]),
    ("social_group_certificate", &["91619900MA000DEM17"]),
    ("law_firm_licence", &["91619900MA000DEM17"]),
    ("other_unit_document", &["A-1234"]),
    (
        "vin",
        &[
            "LSJA24U62JG269225",
            "LDC613P23A1305189",
            "1M8GDM9AXKP042788",
            "11111111111111111",
            "lsja24u62jg269225",
        ],
    ),
    (
        "plate",
        &[
            "陕A12345",
            "陕A1234警",
            "陕A1234学",
            "陕A1234挂",
            "粤ZA123港",
            "粤ZB123澳",
            "陕AD12345",
            "陕A12345F",
            "使123456",
            "123456使",
            "沪A1234领",
            "WJ陕1234X",
            "WJ0112345",
            "VA12345",
            "京X1234应急",
        ],
    ),
    (
        "plate_with_colour",
        &[
            "陕A12345_0",
            "陕A1234挂_1",
            "陕AD12345_4",
            "陕A12345D_5",
            "陕A1234学_11",
        ],
    ),
    ("card_number", &["6101000000000017", "61016101000000000017"]),
    ("bank_card_number", &["4111111111111111"]),
    ("entry_id", &["900920260000000001", "223320231000000762"]),
    ("export_entry_id", &["900920260000000001"]),
    (
        "declaration_seq_no",
        &["E20260000000000001", "I20220000971587171"],
    ),
    ("customs_registration", &["6199960001", "61999600AB"]),
    ("refund_entry_no", &["900920260000000001001"]),
];

/// Accepted with a doubt.
const DOUBTFUL: &[(&str, &str, Doubt)] = &[
    ("resident_id", "610101900101001", Doubt::OldForm),
    ("resident_id", "190101900101001", Doubt::Area),
    (
        "permanent_resident_id",
        "91184019851315001X",
        Doubt::BirthDate,
    ),
    ("hk_macau_travel_permit", "W1234567", Doubt::OldForm),
    ("taiwan_travel_permit", "1234567890B", Doubt::OldForm),
    ("business_licence", "610100123456789", Doubt::OldForm),
    ("institution_certificate", "161000000123", Doubt::OldForm),
    (
        "social_group_certificate",
        "陕社证字第123号",
        Doubt::OldForm,
    ),
    ("law_firm_licence", "26101200012345678", Doubt::OldForm),
    ("vin", "WBA3A5C51CF256986", Doubt::CheckDigit),
    ("plate_with_colour", "陕AD12345_0", Doubt::Colour),
    ("plate_with_colour", "陕A12345_4", Doubt::Colour),
    ("plate_with_colour", "陕A12345_9", Doubt::Colour),
    ("bank_card_number", "4111111111111112", Doubt::CheckDigit),
    ("declaration_seq_no", "123456789012345678", Doubt::OldForm),
];

/// Refused.
const BAD: &[(&str, &str, &str)] = &[
    (
        "resident_id",
        "110105194912310021",
        "the check digit does not agree with the digits before it",
    ),
    (
        "resident_id",
        "610101199001010014",
        "the check digit does not agree with the digits before it",
    ),
    (
        "resident_id",
        "11010519491331002X",
        "the check digit does not agree with the digits before it",
    ),
    (
        "resident_id",
        "610101199013010010",
        "the day of birth in it is no day that has been",
    ),
    (
        "resident_id",
        "61010120900101001X",
        "the day of birth in it is no day that has been",
    ),
    (
        "resident_id",
        "610101901301001",
        "the day of birth in it is no day that has been",
    ),
    (
        "resident_id",
        "810000199408230021",
        "it begins like a residence permit of Hong Kong, Macau or Taiwan, which is another document",
    ),
    (
        "resident_id",
        "61010119900101001",
        "expected 18 digits of which the last may be X, or 15 digits",
    ),
    (
        "resident_id",
        "91184019850615001X",
        "expected 18 digits of which the last may be X, or 15 digits",
    ),
    (
        "resident_id",
        "６10101199001010013",
        "expected 18 digits of which the last may be X, or 15 digits",
    ),
    (
        "hk_macau_residence_permit",
        "810000199001010010",
        "the check digit does not agree with the digits before it",
    ),
    (
        "hk_macau_residence_permit",
        "830000199001010012",
        "expected 18 digits that begin with 810000 or 820000, of which the last may be X",
    ),
    (
        "taiwan_residence_permit",
        "710000199001010011",
        "expected 18 digits that begin with 830000, of which the last may be X",
    ),
    (
        "permanent_resident_id",
        "911840198506150012",
        "the check digit does not agree with the digits before it",
    ),
    (
        "permanent_resident_id",
        "AB1234567890123",
        "expected 9 and 17 digits of which the last may be X, or 3 letters and 12 digits",
    ),
    (
        "permanent_resident_id_new",
        "ABC123456789012",
        "expected 9 and 17 digits of which the last may be X",
    ),
    (
        "permanent_resident_id_old",
        "911840198506150011",
        "expected 3 letters and 12 digits",
    ),
    (
        "foreign_passport",
        "AB 12345",
        "expected 5 to 17 letters and digits",
    ),
    (
        "chinese_passport",
        "X12345678",
        "expected a passport number such as E and 8 digits",
    ),
    (
        "hk_macau_travel_permit",
        "12345678",
        "expected H or M and 8 or 10 digits",
    ),
    (
        "taiwan_travel_permit",
        "T1234567",
        "expected 8 digits, or 10 digits and perhaps a letter",
    ),
    (
        "military_officer_id",
        "军 1",
        "expected 4 to 20 letters, digits and Chinese characters",
    ),
    (
        "armed_police_id",
        "1",
        "expected 4 to 20 letters, digits and Chinese characters",
    ),
    (
        "other_person_document",
        "1",
        "expected 4 to 32 letters, digits and Chinese characters",
    ),
    (
        "uscc",
        "91619900MA000DEM18",
        "the check digit does not agree with the digits before it",
    ),
    (
        "uscc",
        "9161990OMA000DEM17",
        "expected 18 digits and letters without I, O, S, V and Z",
    ),
    (
        "organisation_code",
        "MA000DEM2",
        "the check digit does not agree with the digits before it",
    ),
    (
        "organisation_code",
        "MA000DEM",
        "expected 8 digits and letters and a check digit, perhaps with a hyphen before it",
    ),
    (
        "business_licence",
        "91619900MA000DEM18",
        "the check digit does not agree with the digits before it",
    ),
    (
        "institution_certificate",
        "1",
        "expected a unified social credit code, or the 12 digits of an old certificate",
    ),
    (
        "social_group_certificate",
        "1",
        "expected a unified social credit code, or the number of an old certificate",
    ),
    (
        "law_firm_licence",
        "1",
        "expected a unified social credit code, or the 17 digits of an old licence",
    ),
    (
        "other_unit_document",
        "1",
        "expected 4 to 32 letters, digits and Chinese characters",
    ),
    (
        "vin",
        "LSJA24U63JG269225",
        "the check digit does not agree with the digits before it",
    ),
    (
        "vin",
        "LSJA24U62JG26922",
        "expected 17 digits and letters without I, O and Q",
    ),
    (
        "vin",
        "LSJA24U62JO269225",
        "expected 17 digits and letters without I, O and Q",
    ),
    (
        "plate",
        "陕A1234",
        "expected a licence plate such as 陕A12345",
    ),
    (
        "plate",
        "A12345",
        "expected a licence plate such as 陕A12345",
    ),
    (
        "plate",
        "陕A1234I",
        "expected a licence plate such as 陕A12345",
    ),
    (
        "plate_with_colour",
        "陕A12345",
        "expected a licence plate with its colour, such as 陕A12345_0",
    ),
    (
        "plate_with_colour",
        "陕A12345_13",
        "expected a licence plate with its colour, such as 陕A12345_0",
    ),
    (
        "card_number",
        "610100000000001",
        "expected the 16 digits of a card, or 20 with its network",
    ),
    (
        "bank_card_number",
        "41111111111",
        "expected 12 to 19 digits",
    ),
    (
        "entry_id",
        "900920262000000001",
        "expected 18 digits of which the ninth is 0 (export) or 1 (import)",
    ),
    (
        "export_entry_id",
        "223320231000000762",
        "expected 18 digits of which the ninth is 0",
    ),
    (
        "declaration_seq_no",
        "E2026",
        "expected I or E and 17 digits",
    ),
    (
        "customs_registration",
        "619996000",
        "expected 10 digits and letters",
    ),
    (
        "refund_entry_no",
        "900920260000000001",
        "expected the 18 digits of a declaration and 3 of its line",
    ),
];

#[test]
fn what_is_of_a_kind_is_accepted_without_a_doubt() {
    for (word, texts) in GOOD {
        for text in *texts {
            assert_eq!(check(word, text), Ok(None), "{word} {text}");
        }
    }
}

#[test]
fn what_is_not_certain_is_accepted_with_a_doubt() {
    for (word, text, doubt) in DOUBTFUL {
        assert_eq!(check(word, text), Ok(Some(*doubt)), "{word} {text}");
    }
}

#[test]
fn what_cannot_be_of_a_kind_is_refused_with_the_reason() {
    for (word, text, why) in BAD {
        let found = check(word, text).err().as_ref().map(Fault::to_string);
        assert_eq!(found.as_deref(), Some(*why), "{word} {text}");
    }
}

#[test]
fn every_kind_has_a_row_a_word_and_both_a_good_and_a_bad_text() {
    let all: BTreeSet<&str> = WORDS.iter().copied().collect();
    assert_eq!(all.len(), WORDS.len(), "a word stands for one kind");
    let good: BTreeSet<&str> = GOOD.iter().map(|(word, _)| *word).collect();
    let bad: BTreeSet<&str> = BAD.iter().map(|(word, ..)| *word).collect();
    assert_eq!((&good, &bad), (&all, &all));
    for kind in Identifier::all() {
        assert_eq!(Identifier::named(kind.word()), Some(kind));
    }
}

#[test]
fn a_document_type_names_a_document_and_nothing_else() {
    assert_eq!(
        Identifier::of_document("resident_id"),
        Some(Identifier::ResidentId)
    );
    for other in ["vin", "plate", "101", ""] {
        assert_eq!(Identifier::of_document(other), None, "{other}");
    }
    let persons = Identifier::documents().filter_map(|(word, _)| Identifier::named(word));
    assert_eq!(persons.filter(|kind| kind.is_personal()).count(), 13);
}

#[test]
fn vins_are_found_wherever_they_stand_and_kept_when_their_digit_does_not_agree() {
    for (text, found) in [
        ("VIN:LTSTCA1A7P1000001", &[("LTSTCA1A7P1000001", true)][..]),
        (
            "1|0|汽油||5座|VIN：ｌtstca1a7p1000001等",
            &[("LTSTCA1A7P1000001", true)],
        ),
        ("VINLTSTCA1A7P1000001", &[("LTSTCA1A7P1000001", true)]),
        (
            "LTSTCA1A7P1000001/LTSTCA1A8P1000001/LTSTCA1A7P1000001",
            &[("LTSTCA1A7P1000001", true), ("LTSTCA1A8P1000001", false)],
        ),
        (
            "N/M 900920260000000001 12345678901234567 LTSTCA1A7P10000012",
            &[],
        ),
        ("", &[]),
    ] {
        let found: Vec<_> = found
            .iter()
            .map(|(vin, good)| ((*vin).to_owned(), *good))
            .collect();
        assert_eq!(find_vins(text), found, "{text}");
    }
}
