//! The deployment's keys as the layers want them.

use anyhow::Context;
use commands::{Keys, MacKey};
use domain::secret::{Brand, KeyId, Pepper};
use projections::gate::{Peppers, SnapshotKey};
use schemas::{
    sealing::{MasterKey, MasterKeys},
    usage::RequestIds,
};

use crate::keys::{KeyFile, KeyFiles};

/// All keys, each as the type of whoever uses it.
pub(crate) struct Secrets {
    pub(crate) brand: Brand,
    pub(crate) pepper: Pepper,
    pub(crate) masters: MasterKeys,
    pub(crate) commands: MacKey,
    pub(crate) addresses: MacKey,
    pub(crate) request_ids: RequestIds,
    pub(crate) snapshots: SnapshotKey,
}

impl Secrets {
    /// What lies in the key files.
    pub(crate) fn of(files: &KeyFiles) -> anyhow::Result<Self> {
        Ok(Self {
            brand: Brand::default(),
            pepper: Pepper::new(id(&files.pepper)?, files.pepper.bytes()),
            masters: masters(files)?,
            commands: MacKey::new(id(&files.command_mac)?, files.command_mac.bytes()),
            addresses: MacKey::new(id(&files.address_book)?, files.address_book.bytes()),
            request_ids: RequestIds::new(first_half(files.request_id.bytes())),
            // A key of its own would be a key file that the folders of earlier versions lack.
            snapshots: SnapshotKey::derived_from(files.master.bytes()),
        })
    }

    /// For the gate.
    pub(crate) fn peppers(&self) -> Peppers {
        Peppers::new(self.pepper.clone(), [])
    }

    /// For commands.
    pub(crate) fn for_commands(&self) -> Keys {
        Keys {
            pepper: self.pepper.clone(),
            commands: self.commands.clone(),
            addresses: self.addresses.clone(),
            brand: self.brand.clone(),
        }
    }
}

/// The keys that wrap data keys. Their ids are numbers where they are stored: `m1` is 1.
pub(crate) fn masters(files: &KeyFiles) -> anyhow::Result<MasterKeys> {
    let id = files.master.id();
    let number = id.strip_prefix('m').and_then(|it| it.parse().ok());
    let number = number.with_context(|| format!("`{id}` is no id of a master key"))?;
    Ok(MasterKeys::only(MasterKey::new(number, *files.master.bytes())))
}

fn id(file: &KeyFile) -> anyhow::Result<KeyId> {
    file.id().parse().with_context(|| format!("`{}` is no id of a key", file.id()))
}

/// AES-128 takes half of what a key file holds.
fn first_half(key: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
    half
}
