//! Cards, plates and tags that nobody has.
//!
//! Plates have the letter I behind the city's letter: no authority issues it, so no plate here can
//! be a real one.

use chrono::{Days, NaiveDate};

use super::plan::day_number;
use crate::simulate::random::Random;

/// The network number of Shaanxi's cards (partner facts: etc, section 5.8).
pub(super) const CARD_NET: &str = "6101";

/// What kind of card a package is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CardKind {
    StoredValue,
    ChargeCard,
}

impl CardKind {
    /// As messages have it (partner facts: etc, section 5.3).
    pub(super) fn code(self) -> i64 {
        match self {
            Self::StoredValue => 22,
            Self::ChargeCard => 23,
        }
    }

    /// As the receiving job calls it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::StoredValue => "stored_value",
            Self::ChargeCard => "charge_card",
        }
    }
}

/// Whose card it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// One of the population.
    Ordinary(u32),
    /// A card of its own for one planted row: which purpose, and the how-many-eth of the day.
    Planted {
        purpose: u32,
        day: NaiveDate,
        number: u32,
    },
}

/// A card and the vehicle it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    /// 16 digits.
    pub(super) id: String,
    /// With the colour word behind it.
    pub(super) plate: String,
    /// 16 hexadecimal digits.
    pub(super) obu_id: String,
    /// The first day it was valid, long before any simulated day.
    pub(super) issued: NaiveDate,
    /// The toll class of the vehicle.
    pub(super) vehicle_class: u32,
}

impl Card {
    /// The card of a holder.
    pub(super) fn of(seed: u64, kind: CardKind, holder: Holder) -> Self {
        let serial = match holder {
            Holder::Ordinary(number) => format!("{:02}{number:08}", seed % 90),
            Holder::Planted {
                purpose,
                day,
                number,
            } => {
                format!(
                    "9{:02}{:03}{:04}",
                    purpose % 100,
                    day_number(day) % 1000,
                    number % 10_000
                )
            }
        };
        let salt = serial
            .bytes()
            .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        let mut random = Random::of(&[seed, kind.code().cast_unsigned(), salt]);
        let (year, week) = (2010 + random.below(8) as i32, random.below(52));
        let new_year = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        Self {
            id: format!("{:02}{:02}{}{serial}", year % 100, week + 1, kind.code()),
            plate: plate(&mut random),
            obu_id: format!("{CARD_NET}{}{serial}", kind.code()),
            issued: new_year
                .checked_add_days(Days::new(week * 7))
                .unwrap_or(new_year),
            vehicle_class: random.one_of(&[1, 1, 1, 1, 2, 3, 11, 12, 16]),
        }
    }
}

/// Number, plate and tag of the n-th (from 1) stored-value card of a seed's population.
pub(in crate::simulate) fn ordinary_card(seed: u64, n: u64) -> [String; 3] {
    let number = u32::try_from(n.saturating_sub(1)).unwrap_or(u32::MAX);
    let card = Card::of(seed, CardKind::StoredValue, Holder::Ordinary(number));
    [card.id, card.plate, card.obu_id]
}

fn plate(random: &mut Random) -> String {
    let city = random.one_of(&['A', 'B', 'C', 'D', 'E', 'V']);
    let signs: Vec<char> = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ".chars().collect();
    let number: String = (0..4).map(|_| random.one_of(&signs)).collect();
    let colour = random.one_of(&["蓝", "蓝", "蓝", "黄", "渐变绿"]);
    format!("陕{city}I{number}{colour}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_a_function_of_seed_kind_and_holder() {
        let card = |seed, holder| Card::of(seed, CardKind::StoredValue, holder);
        let one = card(7, Holder::Ordinary(1));
        assert_eq!(one, card(7, Holder::Ordinary(1)));
        assert_ne!(one.id, card(7, Holder::Ordinary(2)).id);
        assert_ne!(one.id, card(8, Holder::Ordinary(1)).id);
        assert_eq!(one.id.len(), 16);
        assert_eq!(one.obu_id.len(), 16);
        assert_ne!(
            one.id,
            Card::of(7, CardKind::ChargeCard, Holder::Ordinary(1)).id
        );
    }

    #[test]
    fn a_planted_card_is_never_one_of_the_population() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day");
        let planted = Holder::Planted {
            purpose: 3,
            day,
            number: 0,
        };
        let id = Card::of(89, CardKind::ChargeCard, planted).id;
        assert_eq!(id.get(4..7), Some("239"));
        let ordinary = Card::of(89, CardKind::ChargeCard, Holder::Ordinary(99_999_999)).id;
        assert_eq!(ordinary.get(4..8), Some("2389"));
    }

    #[test]
    fn a_plate_has_a_letter_that_is_never_issued_and_fits_the_field() {
        for number in 0..200 {
            let plate = Card::of(1, CardKind::StoredValue, Holder::Ordinary(number)).plate;
            assert!(plate.starts_with('陕') && plate.contains('I'), "{plate}");
            let width = crate::text::byte_width(&plate, crate::text::Encoding::Gb18030);
            assert!(width.is_some_and(|width| width <= 25), "{plate}");
        }
    }
}
