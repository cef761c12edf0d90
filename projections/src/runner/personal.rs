//! What a table holds of subjects, and what is left of it once one is erased.

use store::{Row, Statement, Value};

use super::projector::Shape;
use super::{Rows, Table};

/// Subjects of one statement; of more there are several.
const SUBJECTS_A_STATEMENT: usize = 256;

/// Columns of a table that hold what a subject's key opened.
#[derive(Clone, Copy, Debug)]
pub struct Personal {
    /// The column that names the subject.
    pub subject: &'static str,
    /// What is left of a row once that subject is erased.
    pub left: Left,
}

/// What is left of a row.
#[derive(Clone, Copy, Debug)]
pub enum Left {
    /// All but these columns: what a fold that finds them erased writes there.
    Blanks(&'static [(&'static str, Blank)]),
    /// Nothing.
    Nothing,
}

/// What a blanked column holds.
#[derive(Clone, Copy, Debug)]
pub enum Blank {
    /// NULL.
    Null,
    /// The empty text.
    Empty,
}

impl Blank {
    const fn sql(self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Empty => "''",
        }
    }

    fn is_not(self, column: &str) -> String {
        match self {
            Self::Null => format!("{column} IS NOT NULL"),
            Self::Empty => format!("{column} <> ''"),
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Empty => Value::from(""),
        }
    }
}

/// The statements that take these subjects out of all tables: one a table, and one more where rows go whole.
pub(super) fn statements(shape: &Shape, subjects: &[String]) -> Vec<Statement> {
    let some = subjects.chunks(SUBJECTS_A_STATEMENT);
    some.flat_map(|some| shape.tables.iter().flat_map(move |table| of_table(shape, table, some))).collect()
}

fn of_table(shape: &Shape, table: &Table, subjects: &[String]) -> Vec<Statement> {
    let texts = [blanking(shape, table, subjects.len()), removing(shape, table, subjects.len())];
    let args: Vec<Value> = subjects.iter().map(|it| Value::from(it.as_str())).collect();
    texts.into_iter().flatten().map(|sql| Statement::new(sql, args.clone())).collect()
}

/// The queries that find out whether any table holds something of these subjects still: one row, if so.
pub(super) fn searches(shape: &Shape, subjects: &[String]) -> Vec<(String, Vec<Value>)> {
    let some = subjects.chunks(SUBJECTS_A_STATEMENT);
    let of_table = |table: &Table, some: &[String]| {
        let holds: Vec<String> = table.personal.iter().map(|it| it.holds(some.len())).collect();
        let (name, table) = (shape.name, table.name);
        let sql = format!("SELECT 1 FROM {name}.{table} WHERE {} LIMIT 1", holds.join(" OR "));
        (sql, some.iter().map(|it| Value::from(it.as_str())).collect())
    };
    let tables = shape.tables.iter().filter(|it| !it.personal.is_empty());
    tables.flat_map(|table| some.clone().map(move |some| of_table(table, some))).collect()
}

impl Personal {
    /// The condition that a row holds something of one of so many subjects.
    fn holds(&self, subjects: usize) -> String {
        let is_among = is_among(self.subject, subjects);
        let Left::Blanks(columns) = self.left else { return is_among };
        let columns: Vec<String> = columns.iter().map(|(column, blank)| blank.is_not(column)).collect();
        format!("({is_among} AND ({}))", columns.join(" OR "))
    }
}

fn blanking(shape: &Shape, table: &Table, subjects: usize) -> Option<String> {
    let (mut changes, mut conditions) = (Vec::new(), Vec::new());
    for Personal { subject, left } in table.personal {
        let Left::Blanks(columns) = left else { continue };
        let condition = is_among(subject, subjects);
        changes.extend(columns.iter().map(|(column, blank)| {
            format!("{column} = CASE WHEN {condition} THEN {} ELSE {column} END", blank.sql())
        }));
        conditions.push(condition);
    }
    let (name, table) = (shape.name, table.name);
    let sql =
        || format!("UPDATE {name}.{table} SET {} WHERE {}", changes.join(", "), conditions.join(" OR "));
    (!conditions.is_empty()).then(sql)
}

fn removing(shape: &Shape, table: &Table, subjects: usize) -> Option<String> {
    let whole = table.personal.iter().filter(|it| matches!(it.left, Left::Nothing));
    let conditions: Vec<String> = whole.map(|it| is_among(it.subject, subjects)).collect();
    let (name, table) = (shape.name, table.name);
    (!conditions.is_empty()).then(|| format!("DELETE FROM {name}.{table} WHERE {}", conditions.join(" OR ")))
}

fn is_among(column: &str, subjects: usize) -> String {
    let places: Vec<String> = (1..=subjects).map(|it| format!("${it}")).collect();
    format!("{column} IN ({})", places.join(", "))
}

impl Rows {
    /// Does the same to rows that are folded into memory.
    pub(super) fn erase(&mut self, tables: &[Table], subjects: &[String]) {
        for table in tables.iter().filter(|it| !it.personal.is_empty()) {
            self.revise(table.name, |row| left_of(table, row, subjects));
        }
    }
}

/// What is left of a row; nothing where it goes whole.
fn left_of(table: &Table, row: &Row, subjects: &[String]) -> Option<Row> {
    let place = |column: &str| table.columns.iter().position(|it| *it == column);
    let mut values = row.values().to_vec();
    for Personal { subject, left } in table.personal {
        let subject = place(subject).and_then(|it| row.values().get(it));
        let is_erased = matches!(subject, Some(Value::Text(it)) if subjects.iter().any(|one| **one == **it));
        if !is_erased {
            continue;
        }
        let Left::Blanks(columns) = left else { return None };
        for (column, blank) in *columns {
            if let Some(value) = place(column).and_then(|it| values.get_mut(it)) {
                *value = blank.value();
            }
        }
    }
    Some(Row::new(values))
}
