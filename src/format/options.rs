//! `[format]`, `[record.NAME] csv|xml = {…}` and `from`, as written → checked, for every kind.

use super::lines::{self, Standing};
use super::{FieldSource, FormatPlan, Layout, Select, csv, excel, fixed, json, xml};
use crate::diag::{Code, Place, Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section};
use crate::text::Encoding;

/// A record without the table that its format needs.
pub const RECORD_WITHOUT_KIND: Code = Code {
    id: "record-without-kind",
    title: "a record that does not say where it stands in the file",
    title_zh: "记录缺少格式说明",
    help: "With `[format.xml]` a record has `xml = { path = \"…\" }`; with `[format.csv]` it has \
           `csv = { … }` unless the header row names its columns; with `[format.fixed]` it has \
           `fixed = { columns = { … } }`, with `[format.json]` `json = { path = \"…\" }`.",
};

/// The keys of `[format]`: exactly one kind.
pub const FORMAT_KEYS: &[Key] = &[
    Key::kind(
        "csv",
        KeyKind::Table(csv::FORMAT_KEYS),
        "Lines of separated fields.",
    ),
    Key::kind(
        "excel",
        KeyKind::Table(excel::FORMAT_KEYS),
        "One sheet of a workbook.",
    ),
    Key::kind(
        "fixed",
        KeyKind::Table(fixed::FORMAT_KEYS),
        "Text of fixed width.",
    ),
    Key::kind(
        "json",
        KeyKind::Table(json::FORMAT_KEYS),
        "One JSON document, or one a line.",
    ),
    Key::kind("xml", KeyKind::Table(xml::FORMAT_KEYS), "One XML document."),
];

/// The words of all kinds: the sub-tables of `[format]` and of records.
pub const KINDS: &[&str] = &["csv", "excel", "fixed", "json", "xml"];

impl FormatPlan {
    /// Reads `[format]`.
    pub fn read(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let (kind, section) = section.one_of_tables(KINDS, problems)?;
        match kind {
            "csv" => csv::CsvPlan::read(&section, problems).map(Self::Csv),
            "fixed" => fixed::FixedPlan::read(&section, problems).map(Self::Fixed),
            "excel" => {
                excel::ExcelPlan::read(&section, problems).map(|plan| Self::Excel(Box::new(plan)))
            }
            "json" => json::JsonPlan::read(&section, problems).map(Self::Json),
            _ => xml::XmlPlan::read(&section, problems).map(Self::Xml),
        }
    }

    /// The kind's word: the sub-table that its records have.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Fixed(_) => "fixed",
            Self::Excel(_) => "excel",
            Self::Xml(_) => "xml",
            Self::Json(_) => "json",
        }
    }

    /// The encoding that lines are declared to have; none for formats that say theirs themselves.
    pub fn declared_encoding(&self) -> Option<Encoding> {
        match self {
            Self::Csv(plan) => Some(plan.declared_encoding()),
            Self::Fixed(plan) => Some(plan.declared_encoding()),
            Self::Excel(_) | Self::Xml(_) | Self::Json(_) => None,
        }
    }

    /// Checks what can only be checked over all kinds of record together; `records` are their
    /// names in the mapping's order.
    pub fn check_records(
        &self,
        records: &[(Item<String>, Select)],
        format: &Place,
        problems: &mut Problems,
    ) {
        if let Self::Csv(plan) = self {
            csv::check_records(plan, &csv_selects(records), format, problems);
        }
        if let Self::Fixed(_) = self {
            fixed::check_records(&fixed_selects(records), problems);
        }
        if let Self::Excel(plan) = self {
            excel::check_records(plan, &excel_selects(records), problems);
        }
    }

    /// Reads where the records of every kind stand in groups, and checks all of them together;
    /// one for each of `records`.
    pub fn read_standings(
        &self,
        records: &[(Item<String>, Section<'_>)],
        problems: &mut Problems,
    ) -> Vec<Standing> {
        if let Self::Csv(_) | Self::Fixed(_) = self {
            return lines::read_standings(records, problems);
        }
        lines::refuse_standings(records, self.kind_name(), problems);
        vec![Standing::default(); records.len()]
    }

    /// Checks a whole layout for reading; `records` are its kinds' places.
    pub fn check_layout(&self, layout: &Layout, records: &[Place], problems: &mut Problems) {
        if let Self::Xml(_) = self {
            for found in xml::reading_problems(layout) {
                if let Some(place) = records.get(found.record) {
                    problems.push(found.at(place.clone()));
                }
            }
        }
        if let Self::Json(_) = self {
            for found in json::reading_problems(layout) {
                if let Some(place) = records.get(found.record) {
                    problems.push(found.at(place.clone()));
                }
            }
        }
    }

    /// The same with a sheet of a name, when it is of workbooks: for whoever writes a workbook whose
    /// own mapping only knows what the name of its sheet is like.
    #[must_use]
    pub fn with_sheet(self, name: &str) -> Self {
        match self {
            Self::Excel(plan) => Self::Excel(Box::new(plan.with_sheet(name))),
            other => other,
        }
    }

    /// Why files of a layout cannot be written, if they cannot.
    pub fn unwritable(&self, layout: &Layout) -> Option<String> {
        match self {
            Self::Csv(_) => None,
            Self::Fixed(_) => None,
            Self::Excel(plan) => excel::unwritable(plan),
            Self::Xml(_) => xml::writing_problems(layout)
                .into_iter()
                .next()
                .map(|p| p.message),
            Self::Json(plan) => json::writing_problems(plan, layout),
        }
    }
}

impl Select {
    /// Reads the record's own sub-table of the format's kind.
    pub fn read(
        format: &FormatPlan,
        section: Option<&Section<'_>>,
        name: &Item<String>,
        problems: &mut Problems,
    ) -> Option<Self> {
        match (format, section) {
            (FormatPlan::Csv(plan), Some(section)) => {
                csv::CsvSelect::read(section, plan, problems).map(Self::Csv)
            }
            (FormatPlan::Fixed(plan), Some(section)) => {
                fixed::FixedSelect::read(section, plan, problems).map(Self::Fixed)
            }
            (FormatPlan::Excel(_), Some(section)) => {
                excel::ExcelSelect::read(section, problems).map(Self::Excel)
            }
            (FormatPlan::Excel(_), None) => Some(Self::Excel(excel::ExcelSelect::default())),
            (FormatPlan::Xml(plan), Some(section)) => {
                xml::XmlSelect::read(section, plan, problems).map(Self::Xml)
            }
            (FormatPlan::Json(_), Some(section)) => {
                json::JsonSelect::read(section, problems).map(Self::Json)
            }
            (FormatPlan::Csv(plan), None) if plan.names_come_from_the_file() => {
                Some(Self::Csv(csv::CsvSelect::default()))
            }
            (_, None) => {
                let kind = format.kind_name();
                let message = format!("record `{}` has no `{kind} = {{ … }}`", name.value);
                let problem = Problem::error(&RECORD_WITHOUT_KIND, name.place.clone(), message);
                problems.push(problem.help(match format {
                    FormatPlan::Csv(_) => "say how its lines look: `csv = { columns = [\"…\"] }`",
                    FormatPlan::Fixed(_) => {
                        "say where its fields are: `fixed = { columns = { name = [1, 8] } }`"
                    }
                    FormatPlan::Excel(_) => "say how its rows look: `excel = { match = { … } }`",
                    FormatPlan::Xml(_) => {
                        "say where its element stands: `xml = { path = \"Root/Record\" }`"
                    }
                    FormatPlan::Json(_) => {
                        "say where its value stands: `json = { path = \"data/orders[]\" }`"
                    }
                }));
                None
            }
        }
    }

    /// Where its records stand in groups; only lines are grouped so.
    pub fn standing(&self) -> Option<&Standing> {
        if let Self::Csv(select) = self {
            return Some(&select.standing);
        }
        if let Self::Fixed(select) = self {
            return Some(&select.standing);
        }
        None
    }

    /// Sets where its records stand in groups; nothing for what is not made of lines.
    pub fn stand(&mut self, standing: Standing) {
        if let Self::Csv(select) = self {
            select.standing = standing;
        } else if let Self::Fixed(select) = self {
            select.standing = standing;
        }
    }
}

impl FieldSource {
    /// Reads one `from` of a field of the record with index `own`; `records` are all kinds.
    pub fn read(
        format: &FormatPlan,
        from: &Item<String>,
        own: usize,
        records: &[(Item<String>, Select)],
        problems: &mut Problems,
    ) -> Option<Self> {
        match format {
            FormatPlan::Csv(plan) => {
                csv::CsvField::parse(from, plan, own, &csv_selects(records), problems)
                    .map(Self::Csv)
            }
            FormatPlan::Fixed(_) => {
                fixed::FixedField::parse(from, own, &fixed_selects(records), problems)
                    .map(Self::Fixed)
            }
            FormatPlan::Excel(plan) => {
                excel::ExcelField::read(from, plan, problems).map(Self::Excel)
            }
            FormatPlan::Xml(plan) => xml::XmlField::read(from, plan, problems).map(Self::Xml),
            FormatPlan::Json(_) => match records.get(own) {
                Some((_, Select::Json(select))) => {
                    json::JsonField::read(from, select, problems).map(Self::Json)
                }
                _ => None,
            },
        }
    }

    /// The same for a field whose type is a number: text of fixed width pads it otherwise.
    #[must_use]
    pub fn of_number(self) -> Self {
        match self {
            Self::Fixed(field) => Self::Fixed(field.of_number()),
            other => other,
        }
    }
}

fn csv_selects(records: &[(Item<String>, Select)]) -> Vec<(Item<String>, csv::CsvSelect)> {
    let csv = |(name, select): &(Item<String>, Select)| match select {
        Select::Csv(select) => Some((name.clone(), select.clone())),
        _ => None,
    };
    records.iter().filter_map(csv).collect()
}

fn fixed_selects(records: &[(Item<String>, Select)]) -> Vec<(Item<String>, fixed::FixedSelect)> {
    let fixed = |(name, select): &(Item<String>, Select)| match select {
        Select::Fixed(select) => Some((name.clone(), select.clone())),
        _ => None,
    };
    records.iter().filter_map(fixed).collect()
}

fn excel_selects(records: &[(Item<String>, Select)]) -> Vec<(Item<String>, excel::ExcelSelect)> {
    let excel = |(name, select): &(Item<String>, Select)| match select {
        Select::Excel(select) => Some((name.clone(), select.clone())),
        _ => None,
    };
    records.iter().filter_map(excel).collect()
}

impl Layout {
    /// The kind whose records a kind's records stand in, the nearest; `None` at the top, and for
    /// formats without nesting.
    pub fn parent(&self, kind: usize) -> Option<usize> {
        if let Some(standing) = self.standing(kind) {
            return standing.home();
        }
        if let Some(Select::Json(own)) = self.records.get(kind).map(|record| &record.select) {
            return self.json_parent(own);
        }
        let path = |index: usize| match &self.records.get(index)?.select {
            Select::Xml(select) => Some(select.path()),
            _ => None,
        };
        let own = path(kind)?;
        let is_inside = |outer: &str| {
            own.strip_prefix(outer)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        (0..self.records.len())
            .filter(|index| path(*index).is_some_and(|outer| is_inside(&outer)))
            .max_by_key(|index| path(*index).map(|outer| outer.len()))
    }

    /// Where the records of a kind stand in groups; `None` for what is not made of lines.
    pub fn standing(&self, kind: usize) -> Option<&Standing> {
        self.records.get(kind)?.select.standing()
    }

    fn json_parent(&self, own: &json::JsonSelect) -> Option<usize> {
        let depth = |record: &super::RecordLayout| match &record.select {
            Select::Json(outer) if own.is_inside(outer) => Some(outer.depth()),
            _ => None,
        };
        let records = self.records.iter().enumerate();
        let outer = records.filter_map(|(index, record)| Some((index, depth(record)?)));
        outer
            .max_by_key(|(_, depth)| *depth)
            .map(|(index, _)| index)
    }
}
