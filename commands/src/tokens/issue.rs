use super::is_holder;
use crate::{
    asked::Asked,
    context::{Commands, require},
    ledger::{Done, Order, Outcome},
    refusal::Refusal,
    secrets,
};
use domain::{
    actor::{Holder, Principal},
    catalogue::Catalogue,
    ids::{OrganizationId, TokenId},
    member,
    organization::{self, Registered},
    plan::Plan,
    policy::Policy,
    power::Power,
    role,
    scope::Scope,
    secret::{Kind, SecretText},
    stream::StreamId,
    time::Timestamp,
    token::{self, Ends, Issue, NewSecret, Texts, Token},
};
use std::sync::Arc;

/// A wish to have a token.
#[derive(Clone, Debug)]
pub struct IssueToken {
    /// Whom it shall act for; the one who asks where nothing is said.
    pub holder: Option<Holder>,
    /// What it shall ask for.
    pub scopes: Vec<Scope>,
    /// When it shall begin.
    pub starts_at: Option<Timestamp>,
    /// When it shall end.
    pub ends: Ends,
    /// Callers' texts.
    pub texts: Texts,
}

/// A token and, the first time, its secret.
pub struct TokenIssued {
    /// Its id.
    pub id: TokenId,
    /// The token.
    pub token: Done<Token>,
    /// Its secret; nothing where it was shown before, or where nothing was done.
    pub secret: Option<SecretText>,
}

impl std::fmt::Debug for TokenIssued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenIssued")
            .field("id", &self.id)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

impl Commands {
    /// Issues a token within the power of the credential presented and of its holder.
    pub async fn issue_token(&self, asked: &Asked, wish: IssueToken) -> Result<TokenIssued, Refusal> {
        let catalogue = self.catalogue().await?;
        require(asked, "tokens:write", &catalogue)?;
        let organization = asked.organization.ok_or(Refusal::NotFound)?;
        let holder = holder(asked, wish.holder)?;
        if !is_holder(asked, holder) {
            require(asked, "tokens:manage", &catalogue)?;
        }
        check_known(&wish.scopes, &catalogue)?;
        let registered = self.registered(organization).await?;
        if !asked.dry_run {
            self.within_plan(organization, registered.plan)?;
        }
        let receiver = self.power_of(holder, organization, &registered).await?;
        let (text, secret) =
            secrets::make(self.ledger.randomness(), &self.keys.brand, &self.keys.pepper, Kind::Pat)?;
        let issue = Issue {
            organization: Some(organization),
            holder,
            kind: Kind::Pat,
            secret,
            scopes: wish.scopes,
            starts_at: wish.starts_at,
            ends: wish.ends,
            texts: wish.texts,
            giver: asked.power.clone(),
            receiver,
            catalogue,
            policy: Policy::default(),
            plan: Some(registered.plan),
            at: Timestamp::EPOCH,
        };
        self.append_issue(asked, issue, text).await
    }

    /// Appends the decision to issue. The secret is given away only if it is the one that was stored.
    pub(crate) async fn append_issue(
        &self,
        asked: &Asked,
        issue: Issue,
        text: SecretText,
    ) -> Result<TokenIssued, Refusal> {
        let id = TokenId::of_command(asked.command);
        let unwritten = asked.is_fresh();
        let order = Order { unwritten, ..Order::of(asked, StreamId::Token(id), issue.organization) };
        let token = self
            .ledger
            .execute::<token::Rules>(&order, |_, at| {
                Ok(token::Command::Issue(Box::new(Issue { at, ..issue.clone() })))
            })
            .await?;
        let secret = Some(text).filter(|_| stands(&token, &issue.secret));
        Ok(TokenIssued { id, token, secret })
    }

    async fn registered(&self, organization: OrganizationId) -> Result<Registered, Refusal> {
        let folded = self.ledger.load::<organization::Rules>(StreamId::Organization(organization)).await?;
        folded.state.registered().cloned().ok_or(Refusal::NotFound)
    }

    /// What a holder can do: all that their role grants. `owner` counts only for the organisation's owners.
    async fn power_of(
        &self,
        holder: Holder,
        organization: OrganizationId,
        registered: &Registered,
    ) -> Result<Power, Refusal> {
        let Holder::Member(id) = holder else { return Err(Refusal::HolderUnknown) };
        let member = self.ledger.load::<member::Rules>(StreamId::Member(id)).await?;
        let joined = member.state.joined().filter(|_| member.organization == Some(organization));
        let joined = joined.ok_or(Refusal::HolderUnknown)?;
        if self.is_erased(id).await? {
            return Err(Refusal::HolderUnknown);
        }
        let is_owner = registered.owners.contains(&id);
        if joined.role == role::owner() && !is_owner {
            return Err(Refusal::HolderUnknown);
        }
        Ok(Power::of_role(if is_owner { role::owner() } else { joined.role.clone() }))
    }

    /// A plan's number is asked of the own gate at head: no stream could count what others write.
    fn within_plan(&self, organization: OrganizationId, plan: Plan) -> Result<(), Refusal> {
        let (limit, used) = (plan.live_tokens(), self.ledger.live_tokens(organization));
        if used < limit { Ok(()) } else { Err(Refusal::PlanLimit { limit, used, plan }) }
    }
}

fn holder(asked: &Asked, wished: Option<Holder>) -> Result<Holder, Refusal> {
    match (wished, &asked.actor.principal) {
        (Some(Holder::Operator), _) => Err(Refusal::HolderUnknown),
        (Some(holder), _) => Ok(holder),
        (None, Principal::Holder(Holder::Operator) | Principal::System(_)) => Err(Refusal::HolderNeeded),
        (None, Principal::Holder(holder)) => Ok(*holder),
    }
}

fn check_known(scopes: &[Scope], catalogue: &Arc<Catalogue>) -> Result<(), Refusal> {
    let unknown: Vec<Scope> = scopes.iter().filter(|it| !it.is_known(catalogue)).cloned().collect();
    if unknown.is_empty() { Ok(()) } else { Err(Refusal::ScopesUnknown(unknown)) }
}

/// Whether a secret is the newest of the token as it stands, by this very command.
pub(super) fn stands(token: &Done<Token>, secret: &NewSecret) -> bool {
    let newest = token.state.issued().and_then(|it| it.secrets.last());
    token.outcome == Outcome::Appended && newest.is_some_and(|it| it.id == secret.id)
}
