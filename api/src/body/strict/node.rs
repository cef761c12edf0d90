//! One value being read, with what is noted on the way.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{MAX_DEPTH, MAX_FAULTS, MAX_ITEMS, MAX_KEYS};
use crate::body::path::Path;
use crate::problem::{FieldCode, FieldFault};

/// What is noted while reading.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) faults: RefCell<Vec<FieldFault>>,
    pub(super) too_deep: Cell<Option<String>>,
    /// Longest text, in bytes of UTF-8.
    pub(super) longest: usize,
}

impl Notes {
    fn fault(&self, at: &Path<'_>, code: FieldCode, detail: impl Into<String>) {
        let mut faults = self.faults.borrow_mut();
        if faults.len() < MAX_FAULTS {
            faults.push(FieldFault::new(at.pointer(), code, detail));
        }
    }
}

/// One value about to be read.
pub(super) struct Node<'a> {
    pub(super) path: Path<'a>,
    /// How many arrays and objects are around it.
    pub(super) depth: usize,
    pub(super) notes: &'a Notes,
}

impl Node<'_> {
    fn descend<E: serde::de::Error>(&self) -> Result<usize, E> {
        if self.depth < MAX_DEPTH {
            return Ok(self.depth + 1);
        }
        self.notes.too_deep.set(Some(self.path.pointer()));
        Err(E::custom("nested too deeply"))
    }

    fn check_length(&self, text: &str) {
        if self.notes.longest < text.len() {
            let detail = format!("use at most {} bytes", self.notes.longest);
            self.notes.fault(&self.path, FieldCode::TooLong, detail);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        if let Ok(value) = i64::try_from(value) {
            return Ok(Value::Number(value.into()));
        }
        self.notes.fault(&self.path, FieldCode::OutOfRange, WITHIN_64_BITS);
        Ok(Value::Number(Number::from(i64::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        /// 2^63, the first number beyond.
        const BEYOND: f64 = 9_223_372_036_854_775_808.0;
        if BEYOND <= value.abs() {
            self.notes.fault(&self.path, FieldCode::OutOfRange, WITHIN_64_BITS);
        } else {
            let detail = "use a whole number, without fraction or exponent";
            self.notes.fault(&self.path, FieldCode::WrongType, detail);
        }
        Ok(Value::Null)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        self.check_length(value);
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        self.check_length(&value);
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let depth = self.descend::<A::Error>()?;
        let mut kept = Vec::new();
        let mut count = 0;
        loop {
            let path = Path::Index(&self.path, count);
            let Some(item) = items.next_element_seed(Node { path, depth, notes: self.notes })? else {
                break;
            };
            count += 1;
            // Items beyond the limit are still read, for their faults and for the syntax.
            if count <= MAX_ITEMS {
                kept.push(item);
            }
        }
        if MAX_ITEMS < count {
            let detail = format!("use at most {MAX_ITEMS} items instead of {count}");
            self.notes.fault(&self.path, FieldCode::TooLong, detail);
        }
        Ok(Value::Array(kept))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let depth = self.descend::<A::Error>()?;
        let mut kept = Map::new();
        let mut repeated = HashSet::new();
        let mut count = 0;
        while let Some(key) = entries.next_key::<String>()? {
            count += 1;
            let path = Path::Key(&self.path, &key);
            let node = Node { path, depth, notes: self.notes };
            node.check_length(&key);
            let value = entries.next_value_seed(node)?;
            if kept.contains_key(&key) {
                if repeated.insert(key.clone()) {
                    let detail = "give each name once; which of the two is meant cannot be known";
                    self.notes.fault(&path, FieldCode::DuplicateKey, detail);
                }
            } else if kept.len() < MAX_KEYS {
                kept.insert(key, value);
            }
        }
        if MAX_KEYS < count {
            let detail = format!("use at most {MAX_KEYS} keys instead of {count}");
            self.notes.fault(&self.path, FieldCode::TooLong, detail);
        }
        Ok(Value::Object(kept))
    }
}

const WITHIN_64_BITS: &str = "use a whole number from -2^63 to 2^63 - 1";
