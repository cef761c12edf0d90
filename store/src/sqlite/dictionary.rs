//! Translations by text, so that each statement is cut into tokens once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::translate::{Translated, translate};
use crate::SqlError;

/// Texts kept; beyond it all are forgotten. Texts are constants, so this is never reached by
/// a sound caller, and a careless one costs no memory.
const CAPACITY: usize = 2048;

#[derive(Default)]
pub(crate) struct Dictionary {
    known: RwLock<HashMap<Box<str>, Arc<Translated>>>,
}

impl Dictionary {
    pub(crate) fn translate(&self, sql: &str) -> Result<Arc<Translated>, SqlError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(translated) = known.get(sql) {
            return Ok(Arc::clone(translated));
        }
        drop(known);
        let translated = Arc::new(translate(sql)?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(sql.into(), Arc::clone(&translated));
        Ok(translated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_translated_once() {
        let dictionary = Dictionary::default();
        let first = dictionary.translate("SELECT $1").unwrap();
        assert!(Arc::ptr_eq(&first, &dictionary.translate("SELECT $1").unwrap()));
    }

    #[test]
    fn endless_texts_cost_no_endless_memory() {
        let dictionary = Dictionary::default();
        for number in 0..CAPACITY * 2 {
            dictionary.translate(&format!("SELECT {number}")).unwrap();
        }
        assert!(dictionary.known.read().unwrap().len() <= CAPACITY);
    }
}
