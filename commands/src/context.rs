use crate::{
    asked::Asked, clock::LedgerClock, erasures::Memory, fence::Fence, ledger::Ledger, refusal::Refusal,
};
use domain::{
    catalogue::Catalogue,
    permission::PermissionName,
    secret::{Brand, KeyId, Pepper},
};
use eventlog::EventLog;
use hmac::{Hmac, KeyInit, Mac};
use schemas::{
    record::Fresh,
    sealing::{Keyring, Randomness},
};
use sha2::Sha256;
use std::sync::Arc;
use store::State;

/// A key for signing, such as those of commands and of e-mail addresses.
#[derive(Clone)]
pub struct MacKey {
    id: KeyId,
    mac: Hmac<Sha256>,
}

impl MacKey {
    /// From 256 random bits.
    pub fn new(id: KeyId, key: &[u8; 32]) -> Self {
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (place, byte) in block.iter_mut().zip(key) {
            *place = *byte;
        }
        Self { id, mac: <Hmac<Sha256> as KeyInit>::new(&block) }
    }

    pub(crate) fn id(&self) -> &KeyId {
        &self.id
    }

    /// HMAC-SHA-256 over length-prefixed parts.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The deployment's keys, as far as commands need them.
#[derive(Clone)]
pub struct Keys {
    /// For digests of new secrets.
    pub pepper: Pepper,
    /// For the marks of commands.
    pub commands: MacKey,
    /// For the address book.
    pub addresses: MacKey,
    /// What secrets begin with.
    pub brand: Brand,
}

/// What commands are made of.
pub struct Parts {
    /// Where facts lie.
    pub log: Arc<dyn EventLog>,
    /// The keys of sealed boxes.
    pub keyring: Arc<Keyring>,
    /// What is about to be appended, for who follows the log in this process.
    pub fresh: Arc<Fresh>,
    /// The address book.
    pub state: Arc<State>,
    /// The time.
    pub clock: Arc<LedgerClock>,
    /// The gates.
    pub fence: Arc<dyn Fence>,
    /// The dice.
    pub randomness: Arc<dyn Randomness>,
    /// The deployment's keys.
    pub keys: Keys,
    /// All else that holds opened texts and personal data.
    pub memories: Vec<Arc<dyn Memory>>,
}

/// Everything that can be asked of the write side.
pub struct Commands {
    pub(crate) ledger: Ledger,
    pub(crate) state: Arc<State>,
    pub(crate) keys: Keys,
    pub(crate) memories: Vec<Arc<dyn Memory>>,
}

impl Commands {
    /// Puts the write side together.
    pub fn new(parts: Parts) -> Self {
        let ledger = Ledger::new(&parts);
        Self { ledger, state: parts.state, keys: parts.keys, memories: parts.memories }
    }

    /// All permissions, as the ledger has them now.
    pub async fn catalogue(&self) -> Result<Arc<Catalogue>, Refusal> {
        let platform =
            self.ledger.load::<domain::platform::Rules>(domain::stream::StreamId::Platform).await?;
        Ok(platform.state.catalogue.clone())
    }
}

/// Refuses what the credential presented does not grant.
pub(crate) fn require(asked: &Asked, permission: &'static str, catalogue: &Catalogue) -> Result<(), Refusal> {
    let Ok(name) = permission.parse::<PermissionName>() else { return Err(Refusal::NotFound) };
    if asked.power.includes(&name, catalogue) { Ok(()) } else { Err(Refusal::InsufficientScope(name)) }
}
