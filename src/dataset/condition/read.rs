//! Reads conditions; every problem in them is reported with its place.

use super::lookup::read_lookup;
use super::total::{TOTAL, read_totals};
use super::{Check, Condition, MAX_LIST, Operand, Order, Presence, Test};
use crate::dataset::codes::{CONDITION_SHAPE, CONDITION_VALUE};
use crate::dataset::column::{Column, ColumnType};
use crate::dataset::names::{unknown, wrong};
use crate::dataset::table::{Dataset, Datasets};
use crate::diag::{Place, Problem, Problems};
use crate::document::{Item, Key, KeyKind, Section, Shape};
use crate::id::Ident;
use crate::value::Value;

/// `where = { status = ["2", "3"], fee = { above = "2000.00" } }`.
pub const WHERE: Key = Key::optional(
    "where",
    KeyKind::OpenTable,
    "Columns with a value, a list of values, or a table of equals, not, null, above, at_least, below, at_most, differs.",
);
/// `exists = { dataset = "…", on = ["…"] }`, or several.
pub const EXISTS: Key = Key::optional(
    "exists",
    KeyKind::Any,
    "Rows of another dataset that must be there: dataset, on, at, where; or a list of such tables.",
);
/// `missing = { dataset = "…", on = ["…"] }`, or several.
pub const MISSING: Key = Key::optional(
    "missing",
    KeyKind::Any,
    "Rows of another dataset that must not be there: dataset, on, at, where; or a list of such tables.",
);
/// `duplicate = { on = ["…"] }`.
pub const DUPLICATE: Key = Key::optional(
    "duplicate",
    KeyKind::Table(&[Key::required(
        "on",
        KeyKind::TextList,
        "The columns that are equal, and none of them null.",
    )]),
    "An earlier row of the same dataset has equal values: one of an earlier file, or an earlier record of the same.",
);
/// The keys that [`Condition::read`] reads; embed all five.
pub const CONDITION_KEYS: [Key; 5] = [WHERE, EXISTS, MISSING, DUPLICATE, TOTAL];

const COMPARISONS: &[&str] = &[
    "equals", "not", "null", "above", "at_least", "below", "at_most", "differs",
];

impl Condition {
    /// Reads `where`, `exists`, `missing`, `duplicate` and `total` of a section that declares
    /// [`CONDITION_KEYS`], about rows of `dataset`. `None` when anything is wrong, and then
    /// `problems` has at least one more error.
    pub fn read(
        section: &Section<'_>,
        dataset: &Dataset,
        datasets: &Datasets,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.error_count();
        let condition = Self {
            dataset: dataset.name().clone(),
            tests: read_where(section, dataset, dataset, problems),
            lookups: [Presence::Exists, Presence::Missing]
                .into_iter()
                .flat_map(|presence| read_lookups(section, presence, dataset, datasets, problems))
                .collect(),
            totals: read_totals(section, dataset, datasets, problems),
            duplicate: read_duplicate(section, dataset, problems),
        };
        (problems.error_count() == before).then_some(condition)
    }
}

fn read_lookups(
    section: &Section<'_>,
    presence: Presence,
    dataset: &Dataset,
    datasets: &Datasets,
    problems: &mut Problems,
) -> Vec<super::Lookup> {
    let name = match presence {
        Presence::Exists => "exists",
        Presence::Missing => "missing",
    };
    let mut tables = Vec::new();
    match section.shape(name, problems) {
        None => {}
        Some(Shape::List(list)) => tables.extend(list.value),
        Some(one) => tables.push(one),
    }
    let mut lookups = Vec::new();
    for shape in tables {
        if let Shape::Table(table) = shape {
            lookups.extend(read_lookup(table, presence, dataset, datasets, problems));
        } else {
            let message = format!("`{name}` is a table, or a list of tables");
            let help = format!("write `{name} = {{ dataset = \"…\", on = [\"…\"] }}`");
            problems.push(wrong(&CONDITION_SHAPE, &shape.place(), message, help));
        }
    }
    lookups
}

fn read_duplicate(section: &Section<'_>, dataset: &Dataset, problems: &mut Problems) -> Vec<Ident> {
    let Some(table) = section.table("duplicate") else {
        return Vec::new();
    };
    let Some(names) = table.texts("on") else {
        return Vec::new();
    };
    if names.is_empty() {
        let message = "`duplicate` compares no column".to_owned();
        let help = "name at least one column in `on`";
        problems.push(wrong(&CONDITION_SHAPE, &table.place(), message, help));
    }
    let find = |name: &Item<String>| dataset.column_named(name, problems);
    let columns = names.iter().filter_map(find);
    columns.map(|column| column.name.clone()).collect()
}

/// The tests of the table `where` of a section: of columns of `tested`, whose operands name
/// columns of `outer`.
pub(in crate::dataset) fn read_where(
    section: &Section<'_>,
    tested: &Dataset,
    outer: &Dataset,
    problems: &mut Problems,
) -> Vec<Test> {
    let Some(Shape::Table(table)) = section.shape("where", problems) else {
        return Vec::new();
    };
    let mut tests = Vec::new();
    for (name, shape) in table.shapes(problems) {
        if let Some(column) = tested.column_named(&name, problems) {
            let mut reading = Reading::new(column, outer, problems);
            let checks = reading.checks(&name.place, shape);
            tests.extend(checks.into_iter().map(|check| Test {
                column: column.name.clone(),
                column_type: column.column_type,
                check,
            }));
        }
    }
    tests
}

/// The comparisons of one column being read.
pub(super) struct Reading<'a> {
    pub(super) column: &'a Column,
    pub(super) outer: &'a Dataset,
    pub(super) problems: &'a mut Problems,
}

impl<'a> Reading<'a> {
    pub(super) fn new(column: &'a Column, outer: &'a Dataset, problems: &'a mut Problems) -> Self {
        Self {
            column,
            outer,
            problems,
        }
    }

    pub(super) fn checks(&mut self, place: &Place, shape: Shape<'_>) -> Vec<Check> {
        let Shape::Table(table) = shape else {
            return self.values(&shape).map(Check::OneOf).into_iter().collect();
        };
        let comparisons = table.shapes(self.problems);
        if comparisons.is_empty() {
            let message = format!("column `{}` is compared with nothing", self.column.name);
            self.shape_problem(place, message);
        }
        let mut checks = Vec::new();
        for (name, shape) in comparisons {
            checks.extend(self.check(&name, shape));
        }
        checks
    }

    fn check(&mut self, name: &Item<String>, shape: Shape<'_>) -> Option<Check> {
        let order = match name.value.as_str() {
            "null" => return self.null(&shape),
            "equals" => return self.equals(shape, Order::Equal, Check::OneOf),
            "not" => return self.equals(shape, Order::Different, Check::NoneOf),
            "above" => Order::Above,
            "at_least" => Order::AtLeast,
            "below" => Order::Below,
            "at_most" => Order::AtMost,
            "differs" => return self.apart(shape),
            other => {
                let message = format!("`{other}` is no comparison");
                let problem = unknown(&CONDITION_SHAPE, name, message, COMPARISONS);
                self.problems.push(problem);
                return None;
            }
        };
        let operand = match shape {
            Shape::Table(table) => self.operand(table)?,
            Shape::Scalar(written) => Operand::Value(self.value(&written)?),
            Shape::List(list) => {
                let message = format!("`{}` compares with one value", name.value);
                self.shape_problem(&list.place, message);
                return None;
            }
        };
        Some(Check::Compare(order, operand))
    }

    fn null(&mut self, shape: &Shape<'_>) -> Option<Check> {
        if let Shape::Scalar(written) = shape {
            match written.value.as_text() {
                Some("true") => return Some(Check::Null),
                Some("false") => return Some(Check::Present),
                _ => {}
            }
        }
        self.shape_problem(&shape.place(), "`null` is `true` or `false`".to_owned());
        None
    }

    fn equals(
        &mut self,
        shape: Shape<'_>,
        order: Order,
        listed: impl Fn(Vec<Value>) -> Check,
    ) -> Option<Check> {
        match shape {
            Shape::Table(table) => {
                let operand = self.operand(table)?;
                Some(Check::Compare(order, operand))
            }
            values => self.values(&values).map(listed),
        }
    }

    fn values(&mut self, shape: &Shape<'_>) -> Option<Vec<Value>> {
        let list = match shape {
            Shape::Scalar(written) => return self.value(written).map(|value| vec![value]),
            Shape::List(list) => list,
            Shape::Table(_) => return None,
        };
        let count = list.value.len();
        if !(1..=MAX_LIST).contains(&count) {
            let message =
                format!("a list has between 1 and {MAX_LIST} values, and this one {count}");
            self.shape_problem(&list.place, message);
            return None;
        }
        let mut values = Vec::with_capacity(count);
        for shape in &list.value {
            if let Shape::Scalar(written) = shape {
                values.extend(self.value(written));
            } else {
                let message = "a list of values has only values".to_owned();
                self.shape_problem(&shape.place(), message);
            }
        }
        (values.len() == count).then_some(values)
    }

    pub(super) fn value(&mut self, written: &Item<Value>) -> Option<Value> {
        let column_type = self.column.column_type;
        let value = column_type.value_of(&written.value);
        if value.is_none() {
            self.problems
                .push(misfit(&self.column.name, column_type, &written.place));
        }
        value
    }

    pub(super) fn shape_problem(&mut self, place: &Place, message: String) {
        let help = "write a value, a list of values, or `{ above = \"…\" }` with one of equals, not, \
                    null, above, at_least, below, at_most, differs";
        self.problems
            .push(wrong(&CONDITION_SHAPE, place, message, help));
    }
}

/// A value that its column cannot have.
pub(in crate::dataset) fn misfit(
    column: &Ident,
    column_type: ColumnType,
    place: &Place,
) -> Problem {
    let message = format!("this is no value of column `{column}`, which is `{column_type}`");
    let help = format!("write {}", column_type.written_as());
    wrong(&CONDITION_VALUE, place, message, help)
}
