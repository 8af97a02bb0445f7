//! How a field says that its amounts are written: the unit, and the form of amounts in yuan.

use super::amount::{AmountForm, AmountSign};
use super::field::Unit;
use super::options::BAD_MAPPING;
use crate::diag::{Problem, Problems};
use crate::document::Section;
use crate::format::FormatPlan;

/// How the amounts of a field are written.
pub(super) fn unit(
    section: &Section<'_>,
    format: Option<&FormatPlan>,
    problems: &mut Problems,
) -> Option<Unit> {
    check_form(section, format, problems);
    let unit = unit_alone(section, format, problems)?;
    let is = |key, word| section.word(key).is_some_and(|found| found.value == word);
    let form = AmountForm {
        thousands: (section.word("thousands")).and_then(|found| found.value.chars().next()),
        sign: (section.word("sign")).map_or(AmountSign::Minus, |found| AmountSign::of(found.value)),
        has_optional_decimals: is("decimals", "optional"),
    };
    let is_plain = form.thousands.is_none() && form.sign == AmountSign::Minus;
    Some(match unit {
        Unit::Yuan if !is_plain => Unit::Formed(form),
        Unit::Yuan if form.has_optional_decimals => Unit::Decimals(2),
        unit => unit,
    })
}

/// Reports keys of the form where amounts have none.
fn check_form(section: &Section<'_>, format: Option<&FormatPlan>, problems: &mut Problems) {
    let is_in_yuan = section
        .word("unit")
        .is_some_and(|unit| unit.value == "yuan");
    let has_forms = matches!(format, Some(FormatPlan::Csv(_) | FormatPlan::Xml(_)));
    for key in ["decimals", "thousands", "sign"] {
        let Some(place) = section.key_place(key) else {
            continue;
        };
        if !is_in_yuan {
            let message = format!("`{key}` needs `unit = \"yuan\"`");
            problems.push(Problem::error(&BAD_MAPPING, place, message));
        } else if !has_forms && key != "decimals" {
            let message = format!("`{key}` is for amounts in delimited and XML files");
            let help = "in fixed width a style says the sign; workbooks and JSON have numbers";
            problems.push(Problem::error(&BAD_MAPPING, place, message).help(help));
        }
    }
}

fn unit_alone(
    section: &Section<'_>,
    format: Option<&FormatPlan>,
    problems: &mut Problems,
) -> Option<Unit> {
    let has_numbers = matches!(format, Some(FormatPlan::Excel(_) | FormatPlan::Json(_)));
    let implied = section.count("implied_decimals");
    match (section.word("unit"), implied) {
        (Some(unit), None) => Some(match unit.value {
            "wan_yuan" => Unit::Decimals(6),
            // A number of a workbook or of JSON has the decimals that it needs, `123.4`.
            "yuan" if has_numbers => Unit::Decimals(2),
            "yuan" => Unit::Yuan,
            _ => Unit::Fen,
        }),
        (None, Some(implied)) => Some(Unit::Implied(implied.value as u32)),
        (None, None) => {
            let message = "an amount needs its unit: `unit = \"yuan\"` or `unit = \"fen\"`";
            problems.push(Problem::error(&BAD_MAPPING, section.place(), message));
            None
        }
        (Some(_), Some(implied)) => {
            let message = "`unit` and `implied_decimals` exclude each other";
            problems.push(Problem::error(&BAD_MAPPING, implied.place, message));
            None
        }
    }
}
