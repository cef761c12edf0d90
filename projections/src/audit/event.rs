use std::net::IpAddr;

use domain::ids::{EventId, OrganizationId};
use domain::time::Timestamp;
use eventlog::Position;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::who::Acted;

/// A fact as the audit shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditEvent {
    /// Its position in the ledger.
    pub position: Position,
    /// Its id.
    pub id: EventId,
    /// Its kind with its version.
    pub kind: String,
    /// The organisation it concerns; nothing for the platform's own.
    pub organization: Option<OrganizationId>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: Acted,
    /// The id of the thing that it happened to: of a token, an organisation or a member, the name of a
    /// permission, or `operator`.
    pub target: String,
    /// Where the request came from, while that is known.
    pub ip: Option<IpAddr>,
    /// What sent the request, by its own word, while that is known.
    pub user_agent: Option<String>,
    /// Whose personal data address and user agent are.
    pub whereabouts_subject: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// What belongs together across streams.
    pub correlation: Option<String>,
    /// The event that it reacts to.
    pub causation: Option<EventId>,
    /// The request that led to it.
    pub request_id: Option<String>,
    /// Its stream.
    pub stream: String,
    /// Its place in the stream.
    pub version: u64,
    /// What it says, as JSON: see [the module](super).
    pub data: Map<String, Value>,
    /// Whose the texts in the data are.
    pub texts_subject: Option<String>,
    /// Whose the personal data in the data are.
    pub personal_subject: Option<String>,
    /// Whether its personal data are shown.
    pub personal: Personal,
}

/// How what was asked for ended. Facts are what has happened; refusals come with their own kinds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It happened.
    Ok,
}

/// What is shown of personal data and texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// All that there is.
    Visible,
    /// What is personal is kept from this reader.
    Hidden,
    /// A key is gone, and what it sealed.
    Erased,
}

impl AuditEvent {
    /// The event as it is shown to a reader who may not see personal data: without address and user agent,
    /// and with `"hidden"` for what it says of a person. Texts stay: they are the organisation's.
    #[must_use]
    pub fn without_personal(mut self) -> Self {
        self.ip = None;
        self.user_agent = None;
        if let Some(personal) = self.data.get_mut("personal").filter(|it| it.is_object()) {
            *personal = Value::from("hidden");
        }
        if self.personal == Personal::Visible {
            self.personal = Personal::Hidden;
        }
        self
    }
}
