use proptest::prelude::*;

use super::today;
use crate::identifier::{Fault, Identifier};

/// A text with one character in another's place.
fn altered(text: &str, at: usize, to: char) -> String {
    let replace = |(index, c)| if index == at { to } else { c };
    text.chars().enumerate().map(replace).collect()
}

/// Kinds in which no single wrong digit passes.
const PROVEN: &[&str] = &[
    "resident_id",
    "hk_macau_residence_permit",
    "taiwan_residence_permit",
    "permanent_resident_id_new",
    "uscc",
];

proptest! {
    #[test]
    fn a_specimen_is_of_its_kind_without_a_doubt(seed: u64) {
        for kind in Identifier::all() {
            let text = kind.specimen(seed);
            prop_assert_eq!(kind.check(&text, today()), Ok(None), "{} {}", kind.word(), text);
            prop_assert_eq!(&kind.specimen(seed), &text);
        }
    }

    #[test]
    fn one_wrong_digit_never_passes_where_a_check_digit_is_compulsory(
        seed: u64, at in 0..17_usize, add in 1..10_u32,
    ) {
        for word in PROVEN {
            let kind = Identifier::named(word).expect("a kind of the table");
            let good = kind.specimen(seed);
            let Some(digit) = good.chars().nth(at).and_then(|c| c.to_digit(10)) else { continue };
            let other = char::from_digit((digit + add) % 10, 10).expect("a digit");
            let verdict = kind.check(&altered(&good, at, other), today());
            prop_assert!(verdict.is_err(), "{} {} {:?}", word, good, verdict);
        }
    }

    #[test]
    fn two_neighbours_that_changed_places_never_pass_in_a_resident_id(seed: u64, at in 0..16_usize) {
        let good = Identifier::ResidentId.specimen(seed);
        let (a, b) = (good.chars().nth(at).expect("18 long"), good.chars().nth(at + 1).expect("18 long"));
        prop_assume!(a != b);
        let swapped = altered(&altered(&good, at, b), at + 1, a);
        prop_assert!(Identifier::ResidentId.check(&swapped, today()).is_err(), "{}", swapped);
    }

    #[test]
    fn a_wrong_character_of_a_chinese_vin_passes_only_when_it_weighs_the_same(seed: u64, at in 11..17_usize) {
        let good = Identifier::Vin.specimen(seed);
        let digit = good.chars().nth(at).and_then(|c| c.to_digit(10)).expect("the tail is digits");
        let other = char::from_digit((digit + 1) % 10, 10).expect("a digit");
        let verdict = Identifier::Vin.check(&altered(&good, at, other), today());
        prop_assert_eq!(verdict, Err(Fault::CheckDigit));
    }

    #[test]
    fn no_text_makes_a_check_fail_otherwise(text: String) {
        for kind in Identifier::all() {
            let _ = kind.check(&text, today());
        }
        let _ = crate::identifier::find_vins(&text);
    }
}
