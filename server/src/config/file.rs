//! The layer of a `counterfoil.toml`.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    fault::Fault,
    key,
    layers::Layer,
    setting::{Setting, Source, Value},
};

/// Reads `text`; `place` names a line, counted from 1.
pub(super) fn read(text: &str, place: impl Fn(usize) -> Source) -> Layer {
    let mut reading = Reading { text, place, layer: Layer::default() };
    match DeTable::parse(text) {
        Ok(table) => reading.table("", table.get_ref()),
        Err(err) => {
            let start = err.span().map_or(0, |it| it.start);
            reading.fault(start, err.message().to_owned(), "correct the line".to_owned());
        }
    }
    reading.layer
}

struct Reading<'a, P> {
    text: &'a str,
    place: P,
    layer: Layer,
}

impl<P: Fn(usize) -> Source> Reading<'_, P> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let full = match prefix {
                "" => name.get_ref().to_string(),
                prefix => format!("{prefix}.{}", name.get_ref()),
            };
            self.entry(&full, name.span().start, value);
        }
    }

    fn entry(&mut self, name: &str, start: usize, value: &Spanned<DeValue<'_>>) {
        if let DeValue::Table(table) = value.get_ref()
            && is_section(name)
        {
            return self.table(name, table);
        }
        let Some(key) = key::named(name) else {
            return self.unknown(name, start);
        };
        let setting = Setting { key, value: value_of(value.get_ref()), source: self.place_of(start) };
        self.layer.take(name, setting);
    }

    fn unknown(&mut self, name: &str, start: usize) {
        let names = key::KEYS.iter().map(|it| it.name);
        let remedy = key::nearest(name, names).map_or_else(
            || "remove it; the commented counterfoil.toml lists the keys".to_owned(),
            |it| format!("did you mean `{it}`?"),
        );
        self.fault(start, format!("`{name}` is not a key"), remedy);
    }

    fn fault(&mut self, start: usize, problem: String, remedy: String) {
        let place = self.place_of(start);
        self.layer.faults.push(Fault { place, problem, remedy });
    }

    fn place_of(&self, start: usize) -> Source {
        let before = self.text.get(..start).unwrap_or(self.text);
        (self.place)(before.matches('\n').count() + 1)
    }
}

/// Whether some key lies under this name.
fn is_section(name: &str) -> bool {
    name == "kafka"
        || key::KEYS.iter().any(|it| it.name.strip_prefix(name).is_some_and(|it| it.starts_with('.')))
}

fn value_of(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => Value::Other(value.type_str()),
    }
}
