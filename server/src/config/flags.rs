//! The layer of the command line.

use super::{
    key,
    layers::Layer,
    setting::{Setting, Source, Value},
};

/// The flags that stand for keys; `None` where a flag was not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--listen ADDR:PORT`, for `server.listen`.
    pub listen: Option<String>,
    /// `--data DIR`, for `server.data`.
    pub data: Option<String>,
    /// `--operator-token-file FILE`, for `server.operator_token_file`.
    pub operator_token_file: Option<String>,
}

impl Flags {
    pub(super) fn read(&self) -> Layer {
        let given = [
            ("--listen", "server.listen", &self.listen),
            ("--data", "server.data", &self.data),
            ("--operator-token-file", "server.operator_token_file", &self.operator_token_file),
        ];
        let mut layer = Layer::default();
        for (flag, name, value) in given {
            if let (Some(key), Some(text)) = (key::named(name), value) {
                let setting = Setting { key, value: Value::Text(text.clone()), source: Source::Flag(flag) };
                layer.take(flag, setting);
            }
        }
        layer
    }
}
