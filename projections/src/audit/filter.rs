use domain::ids::{OrganizationId, TokenId};
use domain::time::Timestamp;
use ipnet::IpNet;
use schemas::events::KINDS;

use super::{Outcome, Thing};
use crate::runner::{Conditions, columns};
use crate::{network, search};

/// Which facts a reader reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Those of an organisation.
    Organization(OrganizationId),
    /// Those that concern no organisation: the platform's own.
    Platform,
    /// All.
    Everything,
}

/// What a reader may see of facts. They find nothing by what they may not see: a search that answered would
/// tell it, question by question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// All, personal data too.
    Whole,
    /// No address, no user agent, and nothing that a fact says of a person.
    WithoutPersonal,
}

/// Which facts are wanted; all that is said must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditFilter {
    /// Who acted: the id of a holder, or of the token presented, or a secret of that token.
    pub actor: Option<Thing>,
    /// The kind, or the beginning of it up to a full stop: `token.revoked.v1`, `token.revoked`, `token.`.
    pub action: Option<String>,
    /// What it happened to.
    pub target: Option<Thing>,
    /// Where the request came from: an address, or a block of them. Who may not see that finds nothing by it.
    pub ip: Option<IpNet>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What it belongs to.
    pub correlation: Option<String>,
    /// Recorded then or later.
    pub from: Option<Timestamp>,
    /// Recorded earlier.
    pub to: Option<Timestamp>,
    /// Words, each of which is a part of something that the event says, in small or capital letters.
    pub q: Option<String>,
}

impl Reach {
    pub(super) fn add(self, conditions: &mut Conditions) {
        match self {
            Self::Organization(id) => conditions.compare("e.organization", "=", id.to_string()),
            Self::Platform => conditions.add("e.organization IS NULL"),
            Self::Everything => {}
        }
    }
}

impl AuditFilter {
    pub(super) fn add(&self, sight: Sight, conditions: &mut Conditions) {
        if let Some(actor) = &self.actor {
            add_thing(actor_column(actor), actor, conditions);
        }
        if let Some(action) = &self.action {
            conditions.one_of("e.kind", kinds(action));
        }
        if let Some(target) = &self.target {
            add_thing("e.target", target, conditions);
        }
        if let Some(block) = self.ip {
            match sight {
                Sight::Whole => {
                    let lies_in = network::lies_in("e.ip_key", block, conditions);
                    conditions.add(lies_in);
                }
                Sight::WithoutPersonal => conditions.add("1 = 0"),
            }
        }
        conditions.compare_if("e.outcome", "=", self.outcome.map(|it| columns::to_name(&it)));
        conditions.compare_if("e.correlation", "=", self.correlation.as_ref());
        conditions.compare_if("e.recorded_at", ">=", self.from.map(Timestamp::micros));
        conditions.compare_if("e.recorded_at", "<", self.to.map(Timestamp::micros));
        for word in self.q.iter().flat_map(|it| it.split_whitespace()) {
            add_word(word, sight, conditions);
        }
    }
}

fn add_word(word: &str, sight: Sight, conditions: &mut Conditions) {
    let mut column = |name: &str| {
        let pattern = conditions.arg(search::pattern(word));
        format!("{name} LIKE {pattern} ESCAPE '\\'")
    };
    let open = format!("{} OR {}", column("e.found_by"), column("e.found_by_texts"));
    let condition = match sight {
        Sight::Whole => {
            format!("{open} OR {} OR {}", column("e.found_by_person"), column("e.found_by_whereabouts"))
        }
        Sight::WithoutPersonal => open,
    };
    conditions.add(format!("({condition})"));
}

fn actor_column(actor: &Thing) -> &'static str {
    match actor {
        Thing::Id(id) if id.parse::<TokenId>().is_err() => "e.actor_id",
        Thing::Id(_) | Thing::Secret(_) => "e.actor_token",
    }
}

fn add_thing(column: &str, thing: &Thing, conditions: &mut Conditions) {
    match thing {
        Thing::Id(id) => conditions.compare(column, "=", id),
        Thing::Secret(secret) => {
            let secret = conditions.arg(secret.to_string());
            conditions
                .add(format!("{column} = (SELECT s.token FROM audit.secrets AS s WHERE s.id = {secret})"));
        }
    }
}

/// The kinds that an action stands for.
pub(super) fn kinds(action: &str) -> Vec<&'static str> {
    let action = action.trim_end_matches('.').to_lowercase();
    let is_meant = |kind: &&str| {
        let rest = kind.strip_prefix(action.as_str());
        rest.is_some_and(|it| action.is_empty() || it.is_empty() || it.starts_with('.'))
    };
    KINDS.iter().map(|it| it.name).filter(is_meant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_a_kind_or_its_beginning_up_to_a_full_stop() {
        assert_eq!(kinds("token.revoked.v1"), ["token.revoked.v1"]);
        assert_eq!(kinds("token.revoked"), ["token.revoked.v1"]);
        assert_eq!(kinds("permission."), ["permission.registered.v1", "permission.registered.v2"]);
        assert_eq!(kinds("Permission.Registered.").len(), 2);
        assert_eq!(kinds("token.rev"), Vec::<&str>::new());
        assert_eq!(kinds("unheard.of"), Vec::<&str>::new());
        assert_eq!(kinds("").len(), KINDS.len());
    }
}
