//! Who acts or holds, as views keep it and answers show it.

use domain::actor::{Actor, Holder, Principal};
use domain::ids::TokenId;
use serde::{Deserialize, Serialize};

/// Somebody by kind and id, as on the wire: `member`, `service_account`, `operator` or `system`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Who {
    /// The kind.
    pub kind: String,
    /// The id; that of the operators is `operator`, that of a part of Counterfoil its name.
    pub id: String,
}

/// Who acted, through which token, and on whose behalf.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Acted {
    /// Who.
    #[serde(flatten)]
    pub who: Who,
    /// The token presented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenId>,
    /// Whom the actor acted for, if not for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Who>,
}

impl From<&Principal> for Who {
    fn from(principal: &Principal) -> Self {
        Self { kind: principal.kind().to_owned(), id: principal.to_string() }
    }
}

impl From<Holder> for Who {
    fn from(holder: Holder) -> Self {
        Self { kind: holder.kind().to_owned(), id: holder.to_string() }
    }
}

impl From<&Actor> for Acted {
    fn from(actor: &Actor) -> Self {
        Self {
            who: (&actor.principal).into(),
            token: actor.token,
            on_behalf_of: actor.on_behalf_of.as_ref().map(Into::into),
        }
    }
}
