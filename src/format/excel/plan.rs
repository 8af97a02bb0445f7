//! How a workbook is laid out, which rows are of a kind, and where fields are, checked.

use regex::Regex;

/// How a workbook is laid out as a whole, checked.
#[derive(Debug, Clone)]
pub struct ExcelPlan {
    pub(super) containers: Containers,
    pub(super) sheet: SheetChoice,
    /// 1 or 2.
    pub(super) header_rows: u32,
    pub(super) header_within: u32,
    /// The cells of the rows that are written above the headings.
    pub(super) rows_above: Vec<Vec<String>>,
    pub(super) columns: Vec<ColumnPlan>,
    pub(super) extra_columns: ExtraColumns,
    pub(super) merged: Merged,
    pub(super) blank_rows: BlankRows,
    pub(super) hidden: Hidden,
    pub(super) formulas: Formulas,
    pub(super) text_dates: TextDates,
    pub(super) trim: Trim,
}

impl ExcelPlan {
    /// The same with a sheet of a name.
    #[must_use]
    pub fn with_sheet(mut self, name: &str) -> Self {
        self.sheet = SheetChoice::Named(name.to_owned());
        self
    }
}

/// Which kinds of workbook are read; xlsx is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Containers {
    Xlsx,
    Xls,
    Any,
}

/// Which sheet is read.
#[derive(Debug, Clone)]
pub(super) enum SheetChoice {
    FirstVisible,
    Named(String),
    /// The one visible sheet whose name is like this.
    Like(Regex),
}

/// A column by its own name, with the headings it may have in a sheet; the first is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnPlan {
    pub(super) name: String,
    pub(super) headings: Vec<String>,
    pub(super) is_optional: bool,
}

/// What becomes of columns that nothing reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExtraColumns {
    Refuse,
    Ignore,
}

/// What becomes of values in merged cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merged {
    Refuse,
    /// A value belongs to every row that its cell was merged over.
    Spread,
}

/// What a blank row means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlankRows {
    Skip,
    /// The records end there.
    End,
}

/// What becomes of hidden sheets, rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    Report,
    Refuse,
}

/// What becomes of values that are results of formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Formulas {
    Read,
    Refuse,
}

/// How days written as text are read, where a day or moment is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextDates {
    /// As the field's `format` says.
    Exact,
    /// Year, month and day in this order, whatever stands between them.
    YearFirst,
}

/// What is taken off both ends of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trim {
    None,
    /// Spaces, also wide ones, and line ends.
    Spaces,
}

impl Default for ExcelPlan {
    fn default() -> Self {
        Self {
            containers: Containers::Xlsx,
            sheet: SheetChoice::FirstVisible,
            header_rows: 1,
            header_within: 20,
            rows_above: Vec::new(),
            columns: Vec::new(),
            extra_columns: ExtraColumns::Refuse,
            merged: Merged::Refuse,
            blank_rows: BlankRows::Skip,
            hidden: Hidden::Report,
            formulas: Formulas::Read,
            text_dates: TextDates::Exact,
            trim: Trim::None,
        }
    }
}

impl ExcelPlan {
    /// The headings that a column may have.
    pub(super) fn headings<'p>(&'p self, column: &'p String) -> &'p [String] {
        match self.columns.iter().find(|plan| plan.name == *column) {
            Some(plan) => &plan.headings,
            None => std::slice::from_ref(column),
        }
    }

    pub(super) fn is_optional(&self, column: &str) -> bool {
        (self.columns.iter()).any(|plan| plan.name == column && plan.is_optional)
    }
}

/// Which rows are records of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExcelSelect {
    /// None: the kind of every row that no other kind takes.
    pub(super) matching: Option<RowMatch>,
}

/// What a row of a kind has in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowMatch {
    /// Where the text stands; without it in the first cell that has anything.
    pub(super) column: Option<String>,
    /// The texts, compared as headings are.
    pub(super) one_of: Vec<String>,
}

/// Where the value of a slot is: a column of the sheet, and what is wanted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcelField {
    pub(super) column: String,
    pub(super) wanted: CellKind,
}

impl ExcelField {
    /// The same column, with what is wanted in its cells.
    pub fn set_wanted(&mut self, wanted: CellKind) {
        self.wanted = wanted;
    }
}

/// What a cell is to hold: how its value becomes text, and how a text becomes a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellKind {
    /// Text, also when it looks like a number.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// A number with decimals: so many are shown when it is written.
    Decimal(u32),
    /// A day: `2024-01-02`.
    Day,
    /// A moment: `2024-01-02T08:30:00`, with milliseconds if it has any.
    Moment,
}
