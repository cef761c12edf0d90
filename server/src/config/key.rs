//! The keys of the configuration, by name.

/// One key of `counterfoil.toml`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// Its dotted name, such as `server.listen`.
    pub(super) name: &'static str,
    /// Whether this version acts on it.
    pub(super) supported: bool,
    /// Whether its value may hold a password, so that it is never printed and may come from a
    /// file named by `…_FILE`.
    pub(super) secret: bool,
}

/// What comes before each key's name in the environment.
pub(super) const PREFIX: &str = "COUNTERFOIL_";

/// Keys that are passed through to another library, whatever their name: not yet.
const PASSED_THROUGH: Key = later("kafka.*");

/// All keys, those of later versions too, so that a key from the reference is told apart from a
/// misspelled one.
pub(super) const KEYS: &[Key] = &[
    plain("server.listen"),
    plain("server.data"),
    plain("server.operator_token_file"),
    plain("server.public_url"),
    plain("server.allow_plain_http"),
    secret("ledger.url"),
    secret("state.url"),
    secret("views.url"),
    plain("audit.durability"),
    plain("gate.reserve"),
    plain("keys.dir"),
    plain("log.format"),
    plain("log.filter"),
    later("server.trusted_proxies"),
    later("server.tls.certificate"),
    later("server.tls.key"),
    later("usage.url"),
    later("usage.lanes"),
    later("usage.retention"),
    later("usage.rollups"),
    later("usage.topic"),
    later("outlet.url"),
    later("outlet.events_topic"),
    later("outlet.usage_topic"),
    later("outlet.progress_topic"),
    later("outlet.personal_data"),
    later("gate.trusted_gateways"),
    later("gate.buffer"),
    later("metrics.listen"),
    later("smtp.url"),
    later("smtp.from"),
    later("operator.tenant_access"),
];

const fn plain(name: &'static str) -> Key {
    Key { name, supported: true, secret: false }
}

const fn secret(name: &'static str) -> Key {
    Key { name, supported: true, secret: true }
}

const fn later(name: &'static str) -> Key {
    Key { name, supported: false, secret: false }
}

impl Key {
    /// The name as an environment variable: `server.listen` is `COUNTERFOIL_SERVER_LISTEN`.
    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('.', "_").to_uppercase())
    }

    /// The part of the name before the first dot.
    pub(super) fn section(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(section, _)| section)
    }
}

/// The key of this dotted name.
pub(super) fn named(name: &str) -> Option<&'static Key> {
    if name.starts_with("kafka.") {
        return Some(&PASSED_THROUGH);
    }
    KEYS.iter().find(|it| it.name == name)
}

/// The key of this environment variable.
pub(super) fn of_variable(variable: &str) -> Option<&'static Key> {
    if variable.starts_with("COUNTERFOIL_KAFKA_") {
        return Some(&PASSED_THROUGH);
    }
    KEYS.iter().find(|it| it.variable() == variable)
}

/// The supported name that `wrong` most likely means, if one is near: at most a third of its
/// letters differ.
pub(super) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|it| (distance(wrong, it), it))
        .min()
        .filter(|(distance, it)| *distance <= it.len() / 3)
        .map(|(_, it)| it)
}

/// The number of letters to insert, remove or replace to make `right` of `left`.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.bytes().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (to, cell) in right.bytes().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(from != to);
            diagonal = *cell;
            before = replaced.min(before + 1).min(diagonal + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_variable_name_each_other() {
        for key in KEYS {
            assert_eq!(of_variable(&key.variable()), Some(key));
            assert_eq!(named(key.name), Some(key));
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_key_that_was_meant() {
        let names = || KEYS.iter().map(|it| it.name);
        assert_eq!(nearest("server.listn", names()), Some("server.listen"));
        assert_eq!(nearest("ledger.ulr", names()), Some("ledger.url"));
        assert_eq!(nearest("frobnicate", names()), None);
    }

    #[test]
    fn the_distance_counts_single_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
