//! `[audit]`: what is recorded, and when that is durable.

use commands::recorder::Durability;

use super::text;
use crate::config::{
    reader::{Impossible, Reader, Refused},
    setting::Value,
};

/// When decisions are durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// `audit.durability`: before the answer, or within 250 ms of it.
    pub durability: Durability,
}

impl Audit {
    pub(in crate::config) fn read(reader: &mut Reader) -> Result<Self, Refused> {
        let durability = reader.required("audit.durability", durability)?;
        Ok(Self { durability })
    }
}

fn durability(value: &Value) -> Result<Durability, Impossible> {
    match text(value)? {
        "grouped" => Ok(Durability::Grouped),
        "strict" => Ok(Durability::Strict),
        _ => Err(Impossible::new("there is no such durability", "write grouped or strict")),
    }
}
