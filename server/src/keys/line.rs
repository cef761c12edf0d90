//! The one line of a key file: `counterfoil-key v1 <purpose> <key id> <32 bytes, base64url>`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{KeyFile, Purpose};

const HEADING: &str = "counterfoil-key v1";

/// 32 bytes in base64url without padding.
const TEXT_LENGTH: usize = 43;

/// The line, with its end.
pub(super) fn write(purpose: Purpose, id: &str, bytes: &[u8; 32]) -> Zeroizing<String> {
    let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes));
    let name = purpose.name();
    Zeroizing::new(format!("{HEADING} {name} {id} {}\n", key.as_str()))
}

/// The key of a file's `text`; `None` unless that is exactly one line for this purpose and id.
pub(super) fn read(text: &str, purpose: Purpose) -> Option<KeyFile> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let rest = line.strip_prefix(HEADING)?.strip_prefix(' ')?;
    let (name, rest) = rest.split_once(' ')?;
    let (id, key) = rest.split_once(' ')?;
    if name != purpose.name() || id != purpose.first_id() || key.len() != TEXT_LENGTH {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    let written = URL_SAFE_NO_PAD.decode_slice(key, bytes.as_mut()).ok()?;
    (written == bytes.len()).then(|| KeyFile { id: id.to_owned(), bytes })
}
