//! The layer of the environment: each key as `COUNTERFOIL_<SECTION>_<KEY>`.

use std::{ffi::OsString, fs, path::Path};

use super::{
    fault::Fault,
    key::{self, Key},
    layers::Layer,
    setting::{Setting, Source, Value},
};

/// Reads the variables that begin with `COUNTERFOIL_`; others are none of ours.
pub(super) fn read(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Layer {
    let mut layer = Layer::default();
    let mut ours: Vec<(String, OsString)> = environment
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(key::PREFIX))
        .collect();
    // The order of the environment is accidental; that of the faults should not be.
    ours.sort();
    for (variable, value) in ours {
        match setting(&variable, value) {
            Ok(setting) => take(&mut layer, &variable, setting),
            Err(fault) => layer.faults.push(fault),
        }
    }
    layer
}

fn take(layer: &mut Layer, variable: &str, setting: Setting) {
    let twice = layer.settings.iter().any(|it| it.key == setting.key);
    if !twice {
        return layer.take(variable, setting);
    }
    layer.faults.push(Fault {
        place: setting.source,
        problem: format!("`{}` is also given by another variable", setting.key.name),
        remedy: "give it once, as a value or as `…_FILE`".to_owned(),
    });
}

fn setting(variable: &str, value: OsString) -> Result<Setting, Fault> {
    let place = Source::Environment(variable.to_owned());
    let Ok(text) = value.into_string() else {
        return Err(Fault {
            place,
            problem: "the value is not UTF-8".to_owned(),
            remedy: "correct or unset it".to_owned(),
        });
    };
    if let Some(key) = key::of_variable(variable) {
        return Ok(Setting { key, value: Value::Text(text), source: place });
    }
    match variable.strip_suffix("_FILE").and_then(secret_key) {
        Some(key) => from_file(key, variable, Path::new(&text)),
        None => Err(unknown(variable, place)),
    }
}

fn secret_key(variable: &str) -> Option<&'static Key> {
    key::of_variable(variable).filter(|it| it.secret)
}

fn from_file(key: &'static Key, variable: &str, path: &Path) -> Result<Setting, Fault> {
    let source = Source::EnvironmentFile { variable: variable.to_owned(), path: path.to_owned() };
    match fs::read_to_string(path) {
        Ok(text) => {
            Ok(Setting { key, value: Value::Text(text.trim_end_matches(['\r', '\n']).to_owned()), source })
        }
        Err(err) => Err(Fault {
            place: source,
            problem: format!("the file cannot be read: {err}"),
            remedy: "name a file that holds the value and nothing else".to_owned(),
        }),
    }
}

fn unknown(variable: &str, place: Source) -> Fault {
    let variables: Vec<String> = key::KEYS.iter().map(Key::variable).collect();
    let near = key::nearest(variable, variables.iter().map(String::as_str));
    Fault {
        place,
        problem: "the variable is not a key".to_owned(),
        remedy: near.map_or_else(
            || "unset it; the commented counterfoil.toml lists the keys".to_owned(),
            |it| format!("did you mean `{it}`?"),
        ),
    }
}
