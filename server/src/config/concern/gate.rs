//! `[gate]`: what verification holds in reserve.

use super::text;
use crate::config::{
    reader::{Impossible, Reader, Refused},
    setting::Value,
};

/// Factors by unit.
const UNITS: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)];

/// What verification holds in reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// `gate.reserve`: bytes of disk that are kept free for decisions; 0 keeps none.
    pub reserve: u64,
}

impl Gate {
    pub(in crate::config) fn read(reader: &mut Reader) -> Result<Self, Refused> {
        let reserve = reader.required("gate.reserve", bytes)?;
        Ok(Self { reserve })
    }
}

/// A number of bytes, perhaps with a unit.
fn bytes(value: &Value) -> Result<u64, Impossible> {
    let text = text(value)?;
    let read = |(unit, factor): &(&str, u64)| {
        let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        number.checked_mul(*factor)
    };
    UNITS
        .iter()
        .find_map(read)
        .ok_or_else(|| Impossible::new("this is no number of bytes", "write one such as 256MiB, 1GiB or 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_with_their_unit_and_nothing_else_is() {
        let read = |text: &str| bytes(&Value::Text(text.to_owned())).ok();
        assert_eq!([read("0"), read("7"), read("64KiB")], [Some(0), Some(7), Some(65_536)]);
        assert_eq!([read("256MiB"), read("2 GiB")], [Some(256 << 20), Some(2 << 30)]);
        assert_eq!([read("1.5MiB"), read("-1"), read("MiB"), read("99999999999GiB"), read("1MB")], [None; 5]);
    }
}
