//! Reads typed values out of the layers and gathers what is wrong.

use std::{collections::BTreeMap, fmt::Display};

use super::{
    fault::{ConfigError, Fault},
    key,
    layers::Layers,
    setting::{Setting, Source, Value, written},
};

/// Why a value cannot be: what is wrong, and what to write instead.
pub(super) struct Impossible {
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl Impossible {
    pub(super) fn new(problem: impl Display, remedy: impl Display) -> Self {
        Self { problem: problem.to_string(), remedy: remedy.to_string() }
    }
}

/// A value was refused, and the reader has noted why.
#[derive(Clone, Copy)]
pub(super) struct Refused;

/// The layers while they are read.
pub(super) struct Reader {
    winning: BTreeMap<&'static str, Setting>,
    faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn new(layers: Layers) -> Self {
        Self { winning: layers.winning, faults: layers.faults }
    }

    /// The value of a key that must have one.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&Value) -> Result<T, Impossible>,
    ) -> Result<T, Refused> {
        if let Some(value) = self.optional(name, parse)? {
            return Ok(value);
        }
        self.faults.push(Fault {
            place: Source::Default,
            problem: format!("`{name}` has no value"),
            remedy: "give it one".to_owned(),
        });
        Err(Refused)
    }

    /// The value of a key that may have none.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&Value) -> Result<T, Impossible>,
    ) -> Result<Option<T>, Refused> {
        let Some(setting) = self.winning.get(name) else {
            return Ok(None);
        };
        match parse(&setting.value) {
            Ok(value) => Ok(Some(value)),
            Err(impossible) => Err(self.refuse(name, &impossible)),
        }
    }

    /// Notes that the value of `name` cannot be.
    pub(super) fn refuse(&mut self, name: &'static str, impossible: &Impossible) -> Refused {
        let Some(setting) = self.winning.get(name) else {
            return Refused;
        };
        let shown =
            if setting.key.secret { String::new() } else { format!(" = {}", written(&setting.value)) };
        self.faults.push(Fault {
            place: setting.source.clone(),
            problem: format!("`{name}`{shown}: {}", impossible.problem),
            remedy: impossible.remedy.clone(),
        });
        Refused
    }

    /// Adds what was worked out, so that it is listed with the rest.
    pub(super) fn derived(&mut self, name: &'static str, text: String, from: &'static str) {
        if let Some(key) = key::named(name) {
            let setting = Setting { key, value: Value::Text(text), source: Source::Derived(from) };
            self.winning.insert(name, setting);
        }
    }

    /// The winning settings in the order of the reference.
    pub(super) fn effective(&self) -> Vec<Setting> {
        key::KEYS.iter().filter_map(|it| self.winning.get(it.name).cloned()).collect()
    }

    /// `read`, unless anything was wrong.
    pub(super) fn finish<T>(self, read: Result<T, Refused>) -> Result<T, ConfigError> {
        match read {
            Ok(read) if self.faults.is_empty() => Ok(read),
            Ok(_) | Err(Refused) => Err(ConfigError::Refused(self.faults)),
        }
    }
}
