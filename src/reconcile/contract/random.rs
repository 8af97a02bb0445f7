//! Random sides, matched by the database and, naively, in memory: the results are equal.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::sides::{Given, Keyed, Sides, row};
use super::world::{World, moment};

const PASSES: &str = r#"
[[match.pass]]
name = "id"
title = "流水号一致"
on = ["id"]
compare = { status = "status" }

[[match.pass]]
name = "near"
title = "卡号一致、接近"
on = ["card_id"]
tolerance = { amount = "0.02", minutes = 3, at = "at" }

[[match.pass]]
name = "their_sum"
title = "多对一"
on = ["batch"]
group = "ours"

[[match.pass]]
name = "our_sum"
title = "一对多"
on = ["batch"]
group = "theirs"

[match.transit]
days = 2
working = false
"#;

const DAYS: [&str; 4] = ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"];

/// Numbers that look random: the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> i64 {
        // Marsaglia's xorshift64.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % end).expect("small")
    }

    fn maybe(&mut self, prefix: &str, end: u64) -> Option<String> {
        let number = self.below(end + 1);
        (number > 0).then(|| format!("{prefix}{number}"))
    }

    fn side(&mut self, keyed: Keyed) -> Vec<Given> {
        let mut rows: Vec<Given> = Vec::new();
        for line in 1..=self.below(30) {
            let mut one = row(line, "", "0.00");
            one.id = self.maybe("i", 40);
            if keyed == Keyed::ById {
                // A key is never null and comes once a day.
                one.id = Some(one.id.unwrap_or_else(|| "i0".to_owned()));
                if rows.iter().any(|other| other.id == one.id) {
                    continue;
                }
            }
            one.card = self.maybe("c", 6);
            one.batch = self.maybe("b", 8);
            one.amount = Some(100 + self.below(8));
            if self.below(20) == 0 {
                one.amount = None;
            }
            one.status = Some(format!("{}", i64::from(self.below(10) == 0)));
            one.at = Some(format!("2026-03-02 10:{:02}", self.below(10)));
            rows.push(one);
        }
        rows
    }
}

/// A row in the naive matching.
#[derive(Debug, Clone)]
struct Row {
    day: usize,
    given: Given,
    carried: bool,
    broken: bool,
    fate: Option<String>,
}

#[derive(Debug, Default)]
struct Naive {
    open: [Vec<Row>; 2],
}

impl Row {
    fn micros(&self) -> Option<i64> {
        self.given
            .at
            .as_deref()
            .map(|at| moment(at).timestamp_micros())
    }

    fn name(&self) -> String {
        format!("{}/{}", self.day, self.given.line)
    }
}

fn open_with<'r>(
    rows: &'r [Row],
    key: impl Fn(&Row) -> Option<String> + 'r,
) -> Vec<(usize, String)> {
    let open = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.fate.is_none());
    open.filter_map(|(at, row)| Some((at, key(row)?))).collect()
}

fn set(rows: &mut [Row], at: usize, fate: &str) {
    rows.get_mut(at).expect("it is there").fate = Some(fate.to_owned());
}

fn exact(ours: &mut [Row], theirs: &mut [Row]) {
    let id = |row: &Row| row.given.id.clone();
    let mut firsts: [BTreeMap<String, usize>; 2] = Default::default();
    for (rows, firsts) in [&mut *ours, &mut *theirs].into_iter().zip(&mut firsts) {
        for (at, key) in open_with(rows, id) {
            match firsts.entry(key) {
                Entry::Occupied(_) => set(rows, at, "duplicate"),
                Entry::Vacant(first) => {
                    first.insert(at);
                }
            }
        }
    }
    let [our_firsts, their_firsts] = firsts;
    for (key, our) in our_firsts {
        let Some(their) = their_firsts.get(&key).copied() else {
            continue;
        };
        let (o, t) = (
            ours.get(our).expect("it is"),
            theirs.get(their).expect("it is"),
        );
        let same = o.given.amount.is_some() && o.given.amount == t.given.amount;
        let fate = match (same, o.given.status == t.given.status) {
            (false, _) => "amount",
            (true, false) => "status",
            (true, true) => "matched 0",
        };
        set(ours, our, fate);
        set(theirs, their, fate);
    }
}

fn near(ours: &mut [Row], theirs: &mut [Row]) {
    let card = |row: &Row| row.given.card.clone();
    let mut pairs = Vec::new();
    for (our, key) in open_with(ours, card) {
        for (their, other) in open_with(theirs, card) {
            let (left, right) = (
                ours.get(our).expect("it is"),
                theirs.get(their).expect("it is"),
            );
            let (Some(one), Some(other_one), Some(at), Some(other_at)) = (
                left.given.amount,
                right.given.amount,
                left.micros(),
                right.micros(),
            ) else {
                continue;
            };
            let (apart, micros) = ((one - other_one).abs(), (at - other_at).abs());
            if key == other && apart <= 2 && micros <= 180_000_000 {
                pairs.push((apart, micros, our, their));
            }
        }
    }
    pairs.sort_unstable();
    for (_, _, our, their) in pairs {
        let is_open = |rows: &[Row], at: usize| rows.get(at).is_some_and(|row| row.fate.is_none());
        if is_open(ours, our) && is_open(theirs, their) {
            set(ours, our, "matched 1");
            set(theirs, their, "matched 1");
        }
    }
}

fn grouped(many: &mut [Row], one: &mut [Row], fate: &str) {
    let batch = |row: &Row| row.given.batch.clone();
    let singles = open_with(one, batch);
    for (single, key) in &singles {
        let group: Vec<usize> = open_with(many, batch)
            .into_iter()
            .filter_map(|(at, other)| (other == *key).then_some(at))
            .collect();
        let amounts: Option<Vec<i64>> = group
            .iter()
            .map(|at| many.get(*at).and_then(|row| row.given.amount))
            .collect();
        let only = singles.iter().filter(|(_, other)| other == key).count() == 1;
        let wanted = one.get(*single).and_then(|row| row.given.amount);
        let sum = amounts.map(|amounts| amounts.iter().sum::<i64>());
        if only && !group.is_empty() && wanted.is_some() && sum == wanted {
            set(one, *single, fate);
            for at in group {
                set(many, at, fate);
            }
        }
    }
}

impl Naive {
    /// Matches a day and gives the fate of every row that took part, per side.
    fn match_day(&mut self, day: usize, sides: &[Vec<Given>; 2]) -> [BTreeMap<String, String>; 2] {
        let mut both: [Vec<Row>; 2] = Default::default();
        for (at, rows) in both.iter_mut().enumerate() {
            let given = sides.get(at).expect("two sides").iter();
            rows.extend(given.map(|given| Row {
                day,
                given: given.clone(),
                carried: false,
                broken: false,
                fate: None,
            }));
            rows.append(self.open.get_mut(at).expect("two sides"));
        }
        let [ours, theirs] = &mut both;
        exact(ours, theirs);
        near(ours, theirs);
        grouped(ours, theirs, "matched 2");
        grouped(theirs, ours, "matched 3");
        let mut fates: [BTreeMap<String, String>; 2] = Default::default();
        for (at, rows) in both.into_iter().enumerate() {
            let open = self.open.get_mut(at).expect("two sides");
            let fates = fates.get_mut(at).expect("two sides");
            for mut row in rows {
                let waits = row.fate.is_none();
                let fate = row.fate.take().unwrap_or_else(|| {
                    if day - row.day < 2 {
                        "in_transit"
                    } else {
                        "one_sided"
                    }
                    .to_owned()
                });
                // What is a break already and found nothing goes on where it was found.
                if !(waits && row.broken) {
                    fates.insert(row.name(), fate.clone());
                }
                if waits {
                    row.carried = true;
                    row.broken = fate == "one_sided";
                    open.push(row);
                }
            }
            open.sort_by_key(|row| (row.day, row.given.line));
        }
        fates
    }
}

/// What the database made of a day, in the same words.
async fn found(
    sides: &Sides<'_>,
    day: &str,
    sent: &[[Vec<Given>; 2]],
) -> [BTreeMap<String, String>; 2] {
    let recorded = sides.match_day(day).await;
    let mut fates: [BTreeMap<String, String>; 2] = Default::default();
    let place = |key: &str, record: i64| {
        let key: serde_json::Value = serde_json::from_str(key).expect("JSON");
        let day = key
            .get(1)
            .and_then(serde_json::Value::as_str)
            .expect("its day");
        let day = DAYS
            .iter()
            .position(|known| *known == day)
            .expect("one of them");
        format!("{day}/{record}")
    };
    let [ours, theirs] = &mut fates;
    for one in sides.breaks(&recorded).await {
        let fate = match one.kind.as_str() {
            "one_sided_ours" | "one_sided_theirs" => "one_sided",
            other => other,
        };
        if let (Some(key), Some(record)) = (&one.ours_key, one.ours_record) {
            ours.insert(place(key, record), fate.to_owned());
        }
        if let (Some(key), Some(record)) = (&one.theirs_key, one.theirs_record) {
            theirs.insert(place(key, record), fate.to_owned());
        }
    }
    for one in sides.matches(&recorded).await {
        let fate = match one.pass.as_str() {
            "near" => "matched 1",
            "their_sum" => "matched 2",
            _ => "matched 3",
        };
        let side = if one.side == "ours" {
            &mut *ours
        } else {
            &mut *theirs
        };
        side.insert(place(&one.key, one.record), fate.to_owned());
    }
    // What an exact key matched is a figure: the rest of the day's rows, and cleared items.
    let at = DAYS
        .iter()
        .position(|known| *known == day)
        .expect("one of them");
    let outcome = &recorded.outcome;
    for (side, figures, sent) in [
        (&mut *ours, &outcome.ours, sent.get(at).map(|both| &both[0])),
        (
            &mut *theirs,
            &outcome.theirs,
            sent.get(at).map(|both| &both[1]),
        ),
    ] {
        for given in sent.expect("it was sent") {
            let name = format!("{at}/{}", given.line);
            side.entry(name).or_insert_with(|| "matched 0".to_owned());
        }
        let by_key = figures.matched.first().expect("four passes").count;
        let of_the_day = side.values().filter(|fate| *fate == "matched 0").count();
        side.insert(
            "cleared by key".to_owned(),
            (by_key - i64::try_from(of_the_day).expect("small")).to_string(),
        );
    }
    fates
}

/// The naive result in the same words: cleared items are a number.
fn counted(mut fates: [BTreeMap<String, String>; 2], day: usize) -> [BTreeMap<String, String>; 2] {
    for side in &mut fates {
        let is_cleared =
            |name: &str, fate: &str| fate == "matched 0" && !name.starts_with(&format!("{day}/"));
        let cleared = side
            .iter()
            .filter(|(name, fate)| is_cleared(name, fate))
            .count();
        side.retain(|name, fate| !is_cleared(name, fate));
        side.insert("cleared by key".to_owned(), cleared.to_string());
    }
    fates
}

pub(crate) async fn random_sides_are_matched_as_a_naive_matching_does(world: &World) {
    for (keyed, seed) in [
        (Keyed::ById, 0x9e37_79b9),
        (Keyed::ById, 0x27d4_eb2f),
        (Keyed::ById, 0x1656_67b1),
        (Keyed::ByLine, 0x85eb_ca6b),
        (Keyed::ByLine, 0xc2b2_ae35),
        (Keyed::ByLine, 0xd3a2_646c),
        (Keyed::ByLine, 0xfd70_46c5),
        (Keyed::ByLine, 0xb55a_4f09),
    ] {
        let mut numbers = Numbers(seed);
        let sides = Sides::new(world, keyed, PASSES).await;
        let mut naive = Naive::default();
        let mut sent: Vec<[Vec<Given>; 2]> = Vec::new();
        for (at, day) in DAYS.iter().enumerate() {
            let both = [numbers.side(keyed), numbers.side(keyed)];
            let [ours, theirs] = &both;
            sides.till(day, ours).await;
            sides.bank(day, theirs).await;
            let expected = counted(naive.match_day(at, &both), at);
            sent.push(both);
            assert_eq!(
                found(&sides, day, &sent).await,
                expected,
                "{keyed:?} {seed:x} {day}"
            );
        }
        sweep(world).await;
    }
}

/// The next round begins with an empty store.
async fn sweep(world: &World) {
    for table in [
        "till_line",
        "bank_line",
        "till_row",
        "bank_row",
        "ledger_break",
        "ledger_match",
        "ledger_recon_component",
        "ledger_reconciliation",
    ] {
        let sql = format!("DELETE FROM {table}");
        world.db.execute(&sql, &[]).await.expect("it is emptied");
    }
}
