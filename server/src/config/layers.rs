//! Layers of settings, the later over the earlier.

use std::collections::BTreeMap;

use super::{fault::Fault, setting::Setting};

/// What one layer says: its settings and what is wrong with it.
#[derive(Default)]
pub(super) struct Layer {
    pub(super) settings: Vec<Setting>,
    pub(super) faults: Vec<Fault>,
}

/// All layers so far: the winning setting of each key, and the faults of all.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) winning: BTreeMap<&'static str, Setting>,
    pub(super) faults: Vec<Fault>,
}

impl Layers {
    /// Lays `layer` over those before it.
    pub(super) fn add(&mut self, layer: Layer) {
        for setting in layer.settings {
            self.winning.insert(setting.key.name, setting);
        }
        self.faults.extend(layer.faults);
    }
}

impl Layer {
    /// Takes `setting`, unless this version does not act on its key.
    pub(super) fn take(&mut self, name: &str, setting: Setting) {
        if setting.key.supported {
            self.settings.push(setting);
            return;
        }
        self.faults.push(Fault {
            place: setting.source,
            problem: format!("`{name}` is not supported by this version"),
            remedy: "remove it: it would have no effect".to_owned(),
        });
    }
}
