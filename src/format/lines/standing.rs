//! Where a kind of record may stand: `inside`, `closes`, `occurs` and `after`, as written → checked.

use super::codes::RECORD_STRUCTURE;
use crate::diag::{Place, Problem, Problems, did_you_mean};
use crate::document::{Item, Key, KeyKind, Section};

/// The keys of `[record.NAME]` that say where its lines stand.
pub const RECORD_KEYS: [Key; 4] = [
    Key::optional(
        "inside",
        KeyKind::Name,
        "Lines: the kind of record that begins the group in which these stand.",
    ),
    Key::optional(
        "closes",
        KeyKind::Name,
        "Lines: the kind of record whose group this one ends, as its trailer; it stands inside of it.",
    ),
    Key::optional(
        "occurs",
        KeyKind::OneOf(&["once", "optional", "many", "one_or_more"]),
        "Lines: how often it comes in its group, or in the file: exactly once (a trailer, when nothing is said), at most \
         once, any number of times (the others), at least once.",
    ),
    Key::optional(
        "after",
        KeyKind::TextList,
        "Lines: kinds of the same group of which none may come after one of these.",
    ),
];

/// How often a kind comes in its group, or in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Occurs {
    /// Exactly once.
    Once,
    /// At most once.
    Optional,
    /// Any number of times.
    #[default]
    Many,
    /// At least once.
    OneOrMore,
}

/// Where the lines of a kind stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Once, as the first line.
    First,
    /// Once, as the last line.
    Last,
    /// Any number of times, anywhere between.
    Between,
}

/// Where a kind of record may stand, checked; kinds by their index in the layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The kind that begins the group in which it stands.
    pub inside: Option<usize>,
    /// The kind whose group it ends.
    pub closes: Option<usize>,
    /// How often it comes there.
    pub occurs: Occurs,
    /// Kinds of the same group of which none may come after it.
    pub after: Vec<usize>,
}

impl Standing {
    /// Any number of times, in no group.
    pub(in crate::format) const ANYWHERE: Self = Self {
        inside: None,
        closes: None,
        occurs: Occurs::Many,
        after: Vec::new(),
    };

    /// The kind whose group it stands in.
    pub fn home(&self) -> Option<usize> {
        self.closes.or(self.inside)
    }
}

/// The kinds of record of a mapping, by name, each with its section.
type Records<'r, 'd> = &'r [(Item<String>, Section<'d>)];

/// Reads where every kind of record stands, and checks all of them together.
pub(in crate::format) fn read_standings(
    records: Records<'_, '_>,
    problems: &mut Problems,
) -> Vec<Standing> {
    let standings: Vec<Standing> = records
        .iter()
        .map(|(_, section)| read(section, records, problems))
        .collect();
    for (own, ((name, section), standing)) in records.iter().zip(&standings).enumerate() {
        let check = Check {
            records,
            standings: &standings,
            own,
            name,
            section,
        };
        check.all(standing, problems);
    }
    standings
}

/// Reports keys that only files made of lines have.
pub(in crate::format) fn refuse_standings(
    records: Records<'_, '_>,
    format: &str,
    problems: &mut Problems,
) {
    for (_, section) in records {
        for key in &RECORD_KEYS {
            if let Some(place) = section.key_place(key.name) {
                let name = key.name;
                let message = format!("`{name}` does not fit a mapping with `[format.{format}]`");
                problems.push(
                    Problem::error(RECORD_STRUCTURE, place, message)
                        .help("leave it out: only lines are grouped by it (`csv`, `fixed`); a `[[control]]` that needs a record \
                             holds a file without it"),
                );
            }
        }
    }
}

fn read(section: &Section<'_>, records: Records<'_, '_>, problems: &mut Problems) -> Standing {
    let mut kind = |item: &Item<String>| index_of(item, records, problems);
    let inside = section.text("inside").and_then(|item| kind(&item));
    let closes = section.text("closes").and_then(|item| kind(&item));
    let after = section.texts("after").unwrap_or_default();
    let after = after.iter().filter_map(&mut kind).collect();
    let occurs = match section.word("occurs").map(|item| item.value) {
        Some("once") => Occurs::Once,
        Some("optional") => Occurs::Optional,
        Some("one_or_more") => Occurs::OneOrMore,
        Some(_) => Occurs::Many,
        None if closes.is_some() => Occurs::Once,
        None => Occurs::Many,
    };
    Standing {
        inside,
        closes,
        occurs,
        after,
    }
}

fn index_of(
    item: &Item<String>,
    records: Records<'_, '_>,
    problems: &mut Problems,
) -> Option<usize> {
    let found = records
        .iter()
        .position(|(name, _)| name.value == item.value);
    if found.is_none() {
        let names = || records.iter().map(|(name, _)| name.value.as_str());
        let message = format!("there is no record `{}`", item.value);
        let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        let help = did_you_mean(&item.value, names()).map_or_else(
            || format!("the records are {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        problems.push(Problem::error(RECORD_STRUCTURE, item.place.clone(), message).help(help));
    }
    found
}

/// One kind of record, against the others.
struct Check<'c, 'd> {
    records: Records<'c, 'd>,
    standings: &'c [Standing],
    own: usize,
    name: &'c Item<String>,
    section: &'c Section<'d>,
}

impl Check<'_, '_> {
    fn all(&self, own: &Standing, problems: &mut Problems) {
        if own.closes.is_some() && self.section.has("inside") {
            let message = "a record that `closes` a group stands inside of it".to_owned();
            problems.push(self.problem("inside", message).help("leave `inside` out"));
        }
        if self.is_below_itself() {
            let key = if own.closes.is_some() {
                "closes"
            } else {
                "inside"
            };
            let message = format!("`{}` would stand inside of itself", self.name.value);
            problems.push(self.problem(key, message));
            return;
        }
        if let Some(group) = own.closes {
            self.trailer(own, group, problems);
        }
        for later in own
            .after
            .iter()
            .filter(|kind| self.home(**kind) != own.home())
        {
            let message = format!(
                "`{}` and `{}` do not stand in the same group",
                self.name_of(*later),
                self.name.value
            );
            problems.push(self.problem("after", message));
        }
        if own.after.contains(&self.own) {
            let message = format!("no `{0}` may come after `{0}`", self.name.value);
            let problem = self.problem("after", message);
            problems.push(problem.help("`occurs = \"optional\"` says that it comes at most once"));
        }
    }

    /// The rules of a record that ends the group of `group`.
    fn trailer(&self, own: &Standing, group: usize, problems: &mut Problems) {
        if matches!(own.occurs, Occurs::Many | Occurs::OneOrMore) {
            let message = format!("`{}` ends its group, so it comes once", self.name.value);
            problems.push(self.problem("occurs", message));
        }
        let other =
            (self.standings.iter().take(self.own)).position(|other| other.closes == Some(group));
        if let Some(other) = other {
            let message = format!(
                "`{}` is closed by `{}` already",
                self.name_of(group),
                self.name_of(other)
            );
            problems.push(self.problem("closes", message));
        }
        let inner = (0..self.standings.len()).find(|kind| self.home(*kind) == Some(self.own));
        if let Some(inner) = inner {
            let message = format!(
                "`{}` stands inside of `{}`, which ends a group and begins none",
                self.name_of(inner),
                self.name.value
            );
            problems.push(self.problem("closes", message));
        }
    }

    fn is_below_itself(&self) -> bool {
        let mut at = self.home(self.own);
        for _ in 0..self.standings.len() {
            if at == Some(self.own) {
                return true;
            }
            at = at.and_then(|kind| self.home(kind));
        }
        false
    }

    fn home(&self, kind: usize) -> Option<usize> {
        self.standings.get(kind).and_then(Standing::home)
    }

    fn name_of(&self, kind: usize) -> &str {
        self.records.get(kind).map_or("", |(name, _)| &name.value)
    }

    fn problem(&self, key: &str, message: String) -> Problem {
        let place: Place = (self.section.key_place(key)).unwrap_or_else(|| self.name.place.clone());
        Problem::error(RECORD_STRUCTURE, place, message)
    }
}
