//! A selection asked: groups, totals, lines.

use super::sql::quote;
use super::{Group, Line, Lineage, Listing, Order, Scene, Selection, local_day};
use crate::dataset::{Reader, SqlArgs};
use crate::db::{DbError, Dialect, Row};
use crate::id::{Fen, FileNo, Ident};
use crate::reconcile::ReconcileError;
use crate::value::{Kind, Value};

/// What the selected rows come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reconcile) struct Total {
    pub(in crate::reconcile) lines: i64,
    pub(in crate::reconcile) count: i64,
    pub(in crate::reconcile) amount: Fen,
    pub(in crate::reconcile) unpriced: i64,
}

impl Selection {
    /// Its rows grouped by the `by` columns, in their order.
    pub async fn groups(
        &self,
        reader: &mut Reader<'_>,
        scene: Scene<'_>,
    ) -> Result<Vec<Group>, ReconcileError> {
        let mut args = SqlArgs::new();
        let rows = self.rows_sql(Listing::default(), scene, dialect(reader), &mut args)?;
        let keys = self.keys();
        let sql = format!(
            "SELECT {keys}, CAST(COALESCE(SUM(n), 0) AS BIGINT), \
             CAST(COALESCE(SUM(amount), 0) AS BIGINT), COUNT(*) - COUNT(amount), MIN(lf), \
             COUNT(DISTINCT lf) FROM ({rows}) AS r GROUP BY {keys} ORDER BY {keys}"
        );
        let kinds = self.kinds(&self.by);
        let mut groups = Vec::new();
        each(reader, &sql, args.values(), |row| {
            let key = values(row, &kinds)?;
            let next = key.len();
            groups.push(Group {
                object: self.object(&key),
                key,
                count: row.int(next)?,
                amount: Fen(row.int(next + 1)?),
                unpriced: row.int(next + 2)?,
                file: row.opt_int(next + 3)?.map(FileNo),
                files: row.int(next + 4)?,
            });
            Ok::<_, ReconcileError>(())
        })
        .await?;
        Ok(groups)
    }

    /// The keys that the partner's list has for the day, when the rows are grouped by them: also
    /// those of which there is no row.
    pub async fn listed(
        &self,
        reader: &mut Reader<'_>,
        scene: Scene<'_>,
    ) -> Result<Vec<Group>, ReconcileError> {
        let Some(members) = self
            .members
            .as_ref()
            .filter(|members| members.on == self.by)
        else {
            return Ok(Vec::new());
        };
        let columns: Vec<String> = members.on.iter().map(quote).collect();
        let columns = columns.join(", ");
        let sql = format!(
            "SELECT {columns} FROM {} WHERE {} = $1 ORDER BY {columns}",
            quote(&members.dataset),
            quote(&members.date)
        );
        let kinds = self.kinds(&self.by);
        let mut listed = Vec::new();
        each(reader, &sql, &[scene.day.into()], |row| {
            let key = values(row, &kinds)?;
            listed.push(Group {
                object: self.object(&key),
                key,
                count: 0,
                amount: Fen::ZERO,
                unpriced: 0,
                file: None,
                files: 0,
            });
            Ok::<_, ReconcileError>(())
        })
        .await?;
        Ok(listed)
    }

    /// How many rows, what they stand for, their sum, and how many of them have no amount.
    pub(in crate::reconcile) async fn total(
        &self,
        reader: &mut Reader<'_>,
        listing: Listing<'_>,
        scene: Scene<'_>,
    ) -> Result<Total, ReconcileError> {
        let mut args = SqlArgs::new();
        let rows = self.rows_sql(listing, scene, dialect(reader), &mut args)?;
        let sql = format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(n), 0) AS BIGINT), \
             CAST(COALESCE(SUM(amount), 0) AS BIGINT), COUNT(*) - COUNT(amount) \
             FROM ({rows}) AS r"
        );
        let row = match reader {
            Reader::Database(database) => database.query_one(&sql, args.values()).await?,
            Reader::Transaction(tx) => tx.query_one(&sql, args.values()).await?,
        };
        Ok(Total {
            lines: row.int(0)?,
            count: row.int(1)?,
            amount: Fen(row.int(2)?),
            unpriced: row.int(3)?,
        })
    }

    /// Shows rows one at a time; memory stays flat.
    async fn each_line<E: From<ReconcileError> + From<DbError> + Send>(
        &self,
        reader: &mut Reader<'_>,
        listing: Listing<'_>,
        scene: Scene<'_>,
        mut see: impl FnMut(Line) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let mut args = SqlArgs::new();
        let rows = self.rows_sql(listing, scene, dialect(reader), &mut args)?;
        let keys = self.keys();
        let tail = match listing.order {
            Order::Key => format!("ORDER BY {keys}, lf, lr"),
            Order::File => format!("ORDER BY lf, lr, {keys}"),
            Order::Near(amount) => {
                let amount = args.push(amount);
                format!("WHERE amount IS NOT NULL ORDER BY ABS(amount - {amount}), {keys}, lf, lr")
            }
            Order::UpTo(amount) => {
                let amount = args.push(amount);
                format!("WHERE amount BETWEEN 0 AND {amount} ORDER BY amount DESC, {keys}, lf, lr")
            }
        };
        let limit = match listing.limit {
            Some(limit) => format!(" LIMIT {}", args.push(limit)),
            None => String::new(),
        };
        let since = listing.since.map(|_| ", since").unwrap_or_default();
        let beside: String = (0..listing.beside.len())
            .map(|at| format!(", s{at}"))
            .collect();
        let sql = format!(
            "SELECT {keys}, amount, n, lf, lr, lo, ll{since}{beside} FROM ({rows}) AS r \
             {tail}{limit}"
        );
        let kinds = self.kinds(&self.by);
        let since = listing.since.map(|since| since.kind);
        each(reader, &sql, args.values(), |row| {
            let key = values(row, &kinds)?;
            let next = key.len();
            let first_beside = next + 6 + usize::from(since.is_some());
            let since = since.map(|kind| row.value(next + 6, kind)).transpose()?;
            let seen = (first_beside..).zip(listing.beside);
            let seen = seen.map(|(at, beside)| row.value(at, beside.column.kind()));
            see(Line {
                object: self.object(&key),
                key,
                amount: row.opt_int(next)?.map(Fen),
                count: row.opt_int(next + 1)?.unwrap_or_default(),
                lineage: Lineage {
                    file: FileNo(row.int(next + 2)?),
                    record: row.int(next + 3)?,
                    offset: row.int(next + 4)?,
                    length: row.int(next + 5)?,
                },
                since: since.and_then(|value| local_day(&value, scene.given)),
                beside: seen.collect::<Result<_, _>>()?,
            })
        })
        .await
    }

    /// The files that its rows came with, in order.
    pub async fn files(
        &self,
        reader: &mut Reader<'_>,
        scene: Scene<'_>,
    ) -> Result<Vec<FileNo>, ReconcileError> {
        let mut args = SqlArgs::new();
        let rows = self.rows_sql(Listing::default(), scene, dialect(reader), &mut args)?;
        let sql = format!("SELECT DISTINCT lf FROM ({rows}) AS r ORDER BY lf");
        let mut files = Vec::new();
        each(reader, &sql, args.values(), |row| {
            files.push(FileNo(row.int(0)?));
            Ok::<_, ReconcileError>(())
        })
        .await?;
        Ok(files)
    }

    /// Shows every row that counts, in the order of the `by` columns and then of the files; each
    /// with the text that tells it apart by its dataset's whole key.
    pub async fn each_row<E: From<ReconcileError> + From<DbError> + Send>(
        &self,
        reader: &mut Reader<'_>,
        scene: Scene<'_>,
        mut see: impl FnMut(&str, Line) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let mut whole = self.clone();
        whole.by = self.row_columns();
        let group_of = self.by.len();
        whole
            .each_line(reader, Listing::default(), scene, |line| {
                let group: Vec<&str> = line.object.split(';').take(group_of).collect();
                let group = group.join(";");
                see(&group, line)
            })
            .await
    }

    /// Its rows grouped by the files that they came with; the object of a group is `file=12`.
    pub async fn by_file(
        &self,
        reader: &mut Reader<'_>,
        scene: Scene<'_>,
    ) -> Result<Vec<Group>, ReconcileError> {
        let mut args = SqlArgs::new();
        let rows = self.rows_sql(Listing::default(), scene, dialect(reader), &mut args)?;
        let sql = format!(
            "SELECT lf, CAST(COALESCE(SUM(n), 0) AS BIGINT), \
             CAST(COALESCE(SUM(amount), 0) AS BIGINT), COUNT(*) - COUNT(amount) \
             FROM ({rows}) AS r GROUP BY lf ORDER BY lf"
        );
        let mut groups = Vec::new();
        each(reader, &sql, args.values(), |row| {
            let file = FileNo(row.int(0)?);
            groups.push(Group {
                key: Vec::new(),
                object: of_file(file),
                count: row.int(1)?,
                amount: Fen(row.int(2)?),
                unpriced: row.int(3)?,
                file: Some(file),
                files: 1,
            });
            Ok::<_, ReconcileError>(())
        })
        .await?;
        Ok(groups)
    }

    /// Shows every row that counts, in the order of the files and their records; each with the
    /// object of its group in [`Selection::by_file`].
    pub async fn each_row_by_file<E: From<ReconcileError> + From<DbError> + Send>(
        &self,
        reader: &mut Reader<'_>,
        scene: Scene<'_>,
        mut see: impl FnMut(&str, Line) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let mut whole = self.clone();
        whole.by = self.row_columns();
        let listing = Listing {
            order: Order::File,
            ..Listing::default()
        };
        let mut group = (FileNo(0), String::new());
        whole
            .each_line(reader, listing, scene, |line| {
                if group.0 != line.lineage.file || group.1.is_empty() {
                    group = (line.lineage.file, of_file(line.lineage.file));
                }
                see(&group.1, line)
            })
            .await
    }

    pub(in crate::reconcile) async fn lines(
        &self,
        reader: &mut Reader<'_>,
        listing: Listing<'_>,
        scene: Scene<'_>,
    ) -> Result<Vec<Line>, ReconcileError> {
        let mut lines = Vec::new();
        self.each_line(reader, listing, scene, |line| {
            lines.push(line);
            Ok::<_, ReconcileError>(())
        })
        .await?;
        Ok(lines)
    }
}

/// Whether a dataset has any row.
pub(in crate::reconcile) async fn has_rows(
    reader: &mut Reader<'_>,
    dataset: &Ident,
) -> Result<bool, ReconcileError> {
    let sql = format!("SELECT 1 FROM {} LIMIT 1", quote(dataset));
    let mut found = false;
    each(reader, &sql, &[], |_row| {
        found = true;
        Ok::<_, ReconcileError>(())
    })
    .await?;
    Ok(found)
}

/// What the rows of one file are called together.
fn of_file(file: FileNo) -> String {
    format!("file={file}")
}

fn values(row: &Row, kinds: &[Kind]) -> Result<Vec<Value>, DbError> {
    let mut values = Vec::with_capacity(kinds.len());
    for (at, kind) in kinds.iter().enumerate() {
        values.push(row.value(at, *kind)?);
    }
    Ok(values)
}

fn dialect(reader: &Reader<'_>) -> Dialect {
    match reader {
        Reader::Database(database) => database.dialect(),
        Reader::Transaction(tx) => tx.dialect(),
    }
}

async fn each<E: From<DbError> + Send>(
    reader: &mut Reader<'_>,
    sql: &str,
    args: &[Value],
    see: impl FnMut(&Row) -> Result<(), E> + Send,
) -> Result<(), E> {
    match reader {
        Reader::Database(database) => database.each(sql, args, see).await,
        Reader::Transaction(tx) => tx.each(sql, args, see).await,
    }
}
