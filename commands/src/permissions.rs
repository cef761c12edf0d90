//! The catalogue: registering permissions.

use crate::{
    asked::Asked,
    context::{Commands, require},
    ledger::{Order, Outcome},
    refusal::{Failure, Refusal},
};
use domain::{permission::Permission, platform, stream::StreamId};
use eventlog::Position;

/// A permission as the catalogue has it after a command.
#[derive(Clone, Debug)]
pub struct PermissionRegistered {
    /// The entry.
    pub permission: Permission,
    /// Whether it is new.
    pub created: bool,
    /// Where the fact lies.
    pub position: Position,
    /// How it came about.
    pub outcome: Outcome,
}

impl Commands {
    /// Has a permission in the catalogue as it is given here.
    pub async fn register_permission(
        &self,
        asked: &Asked,
        permission: Permission,
    ) -> Result<PermissionRegistered, Refusal> {
        require(asked, "platform:catalogue", self.catalogue().await?.as_ref())?;
        let name = permission.name.clone();
        let mut created = false;
        let done = self
            .ledger
            .execute::<platform::Rules>(&Order::of(asked, StreamId::Platform, None), |state, _| {
                created = state.catalogue.get(&name).is_none();
                Ok(platform::Command::RegisterPermission(permission.clone()))
            })
            .await?;
        let permission = done
            .state
            .catalogue
            .get(&name)
            .cloned()
            .ok_or_else(|| Failure::Broken("a permission that was registered is not there".to_owned()))?;
        Ok(PermissionRegistered { permission, created, position: done.position, outcome: done.outcome })
    }
}
