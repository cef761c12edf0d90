//! All rows of a view, to be compared.

use std::collections::BTreeMap;

use store::{Row, Value};

use super::{Key, Rows};

/// All rows of a view, sorted by table and key: two views of the same facts are the same bytes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dump(BTreeMap<Key, Vec<Value>>);

impl Dump {
    /// The rows that these hold.
    pub(super) fn of(rows: &Rows) -> Self {
        let mut dump = Self::default();
        for (key, row) in rows.changed().filter_map(|(key, row)| Some((key, row?))) {
            dump.add(key.clone(), row);
        }
        dump
    }

    pub(super) fn add(&mut self, key: Key, row: &Row) {
        // An engine without booleans answers 0 and 1.
        let plain = |value: &Value| match value {
            Value::Bool(truth) => Value::Int(i64::from(*truth)),
            Value::Null | Value::Int(_) | Value::Text(_) | Value::Blob(_) => value.clone(),
        };
        self.0.insert(key, row.values().iter().map(plain).collect());
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows of a table, in the order of their keys.
    pub fn rows(&self, table: &str) -> impl Iterator<Item = Row> {
        self.0.iter().filter(move |(key, _)| key.table == table).map(|(_, values)| Row::new(values.clone()))
    }

    /// The first row that is not the same in both.
    pub fn difference(&self, other: &Self) -> Option<Key> {
        let keys = self.0.keys().chain(other.0.keys());
        keys.filter(|key| self.0.get(*key) != other.0.get(*key)).min().cloned()
    }

    /// The rows as bytes: table, key and values, each with its type and its length before it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (key, values) in &self.0 {
            part(&mut bytes, b'k', key.to_string().as_bytes());
            append(&mut bytes, values);
        }
        bytes
    }
}

/// The values of a row, each with its type and its length before it.
pub(super) fn append(bytes: &mut Vec<u8>, values: &[Value]) {
    for value in values {
        match value {
            Value::Null => part(bytes, b'n', b""),
            Value::Int(number) => part(bytes, b'i', &number.to_be_bytes()),
            Value::Text(text) => part(bytes, b't', text.as_bytes()),
            Value::Blob(blob) => part(bytes, b'b', blob),
            Value::Bool(truth) => part(bytes, b'i', &i64::from(*truth).to_be_bytes()),
        }
    }
}

fn part(bytes: &mut Vec<u8>, kind: u8, content: &[u8]) {
    bytes.push(kind);
    bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
    bytes.extend_from_slice(content);
}
