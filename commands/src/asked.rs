//! Who asks, with what power, and how a repetition is recognised.

use domain::{
    actor::{Actor, Request},
    ids::{CommandId, OrganizationId},
    power::Power,
    seen::CommandMark,
};

/// One request to change something.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asks, through which token.
    pub actor: Actor,
    /// What the credential presented can do.
    pub power: Power,
    /// The organisation it is about; nothing for the platform's own.
    pub organization: Option<OrganizationId>,
    /// The request, as it will stand in the record.
    pub request: Option<Request>,
    /// Names the command: derived from its idempotency key, or fresh.
    pub command: CommandId,
    /// SHA-256 over what was asked, where a key was given.
    pub payload: Option<[u8; 32]>,
    /// The version that the caller has seen (`If-Match`).
    pub expected_version: Option<u64>,
    /// Only say what would happen.
    pub dry_run: bool,
}

impl Asked {
    /// The n-th command of this request, where it is a list of commands.
    #[must_use]
    pub fn step(&self, n: u32) -> Self {
        Self { command: self.command.step(n), ..self.clone() }
    }

    /// Whether nobody can have said this command before: it came without an idempotency key.
    pub fn is_fresh(&self) -> bool {
        self.payload.is_none()
    }
}

/// The key that commands are signed with, so that a repetition with another payload is found out.
pub(crate) fn mark(asked: &Asked, key: &crate::context::MacKey) -> Option<CommandMark> {
    let payload = asked.payload?;
    let mac = key.sign(&[asked.command.0.as_bytes(), &payload]);
    Some(CommandMark { id: asked.command, mac, mac_key: key.id().clone() })
}
