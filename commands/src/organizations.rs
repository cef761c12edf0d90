//! Organisations: a registration is a list of commands, one a stream, the one that shows a secret last. A retry runs
//! them all, and those already done add nothing; what a crash left undone is finished, but for the secret.

use crate::{
    address,
    asked::Asked,
    context::{Commands, require},
    ledger::{Done, Order, Outcome},
    refusal::{Failure, Refusal},
    tokens::{IssueToken, TokenIssued},
};
use domain::{
    actor::{Actor, Holder},
    ids::{EventId, MemberId, OrganizationId},
    member::{self, Member},
    organization::{self, Label, Organization, Person, Registered},
    plan::Plan,
    power::Power,
    role,
    scope::Scope,
    slug::Slug,
    stream::StreamId,
    time::Lifespan,
    token::{Ends, Texts},
};

/// A wish to have an organisation.
#[derive(Clone, Debug)]
pub struct RegisterOrganization {
    /// Its name, for people.
    pub name: String,
    /// Its slug.
    pub slug: Slug,
    /// Its plan.
    pub plan: Plan,
    /// Its first owner.
    pub owner: Person,
}

/// An organisation with its owner and the owner's first token.
#[derive(Debug)]
pub struct OrganizationRegistered {
    /// Its id.
    pub id: OrganizationId,
    /// The organisation.
    pub organization: Done<Organization>,
    /// Its first owner's id.
    pub owner: MemberId,
    /// Its first owner.
    pub member: Done<Member>,
    /// The owner's first token; nothing in a dry run.
    pub token: Option<TokenIssued>,
}

impl Commands {
    /// Registers an organisation, adds its owner, and issues the owner's first token.
    pub async fn register_organization(
        &self,
        asked: &Asked,
        wish: RegisterOrganization,
    ) -> Result<OrganizationRegistered, Refusal> {
        require(asked, "platform:organizations", self.catalogue().await?.as_ref())?;
        let id = OrganizationId::of_slug(&wish.slug);
        let organization = self.register(&asked.step(1), id, &wish).await?;
        let registered = organization
            .state
            .registered()
            .ok_or_else(|| Failure::Broken("an organisation that was registered is not there".to_owned()))?
            .clone();
        let owner = registered.first_owner;
        let member = self
            .add_owner(&Order::of(&asked.step(2), StreamId::Member(owner), Some(id)), id, &wish.owner)
            .await?;
        let token =
            if asked.dry_run { None } else { Some(self.issue_first(&asked.step(3), id, owner).await?) };
        Ok(OrganizationRegistered { id, organization, owner, member, token })
    }

    /// Finishes a registration that was cut off after its first fact. Doing it twice adds nothing.
    pub async fn finish_registration(
        &self,
        by: &Actor,
        id: OrganizationId,
        cause: Option<EventId>,
    ) -> Result<Outcome, Refusal> {
        let folded = self.ledger.load::<organization::Rules>(StreamId::Organization(id)).await?;
        let Registered { first_owner, first_person, .. } =
            folded.state.registered().ok_or(Refusal::NotFound)?;
        let Some(person) = first_person.known() else { return Ok(Outcome::AlreadySo) };
        let order = Order::reaction(by, StreamId::Member(*first_owner), Some(id), cause);
        Ok(self.add_owner(&order, id, person).await?.outcome)
    }

    async fn register(
        &self,
        asked: &Asked,
        id: OrganizationId,
        wish: &RegisterOrganization,
    ) -> Result<Done<Organization>, Refusal> {
        let stream = StreamId::Organization(id);
        let folded = self.ledger.load::<organization::Rules>(stream).await?;
        // Nobody is entered into the address book of an organisation that is another's.
        let owner = match folded.state.registered() {
            Some(registered) => registered.first_owner,
            None => self.owner_id(asked, id, &wish.owner).await?,
        };
        let label = Label { name: wish.name.clone(), slug: wish.slug.to_string() };
        self.ledger
            .execute::<organization::Rules>(&Order::of(asked, stream, Some(id)), |_, _| {
                Ok(organization::Command::Register {
                    label: label.clone(),
                    plan: wish.plan,
                    owner,
                    person: wish.owner.clone(),
                })
            })
            .await
    }

    /// The member id of an e-mail address: the address book decides, so that of two who say it at once one wins.
    async fn owner_id(
        &self,
        asked: &Asked,
        id: OrganizationId,
        person: &Person,
    ) -> Result<MemberId, Refusal> {
        let proposed = MemberId::of_command(asked.command);
        if asked.dry_run {
            return Ok(proposed);
        }
        let tag = address::tag(&self.keys.addresses, id, &person.email);
        let reserved = self.state.reserve_address(&id.to_string(), &tag, &proposed.to_string()).await;
        let reserved = reserved.map_err(|err| Failure::state(err.to_string()))?;
        reserved
            .parse()
            .map_err(|_| Failure::Broken(format!("`{reserved}` in the address book is no member")).into())
    }

    async fn add_owner(
        &self,
        order: &Order<'_>,
        id: OrganizationId,
        person: &Person,
    ) -> Result<Done<Member>, Refusal> {
        let added = self
            .ledger
            .execute::<member::Rules>(order, |state, _| match state {
                Member::Active(_) => Err(member::Rejection::AlreadyExists.into()),
                Member::Absent => {
                    Ok(member::Command::Add { organization: id, person: person.clone(), role: role::owner() })
                }
            })
            .await;
        match added {
            // Finished by another attempt, or by the reconciler.
            Err(Refusal::Member(member::Rejection::AlreadyExists)) => {
                self.member_as_it_is(order.stream).await
            }
            added => added,
        }
    }

    async fn member_as_it_is(&self, stream: StreamId) -> Result<Done<Member>, Refusal> {
        let folded = self.ledger.load::<member::Rules>(stream).await?;
        Ok(Done::of(&*folded, Outcome::AlreadySo))
    }

    async fn issue_first(
        &self,
        asked: &Asked,
        id: OrganizationId,
        owner: MemberId,
    ) -> Result<TokenIssued, Refusal> {
        let wish = IssueToken {
            holder: Some(Holder::Member(owner)),
            scopes: vec![Scope::All],
            starts_at: None,
            ends: Ends::In(Lifespan::days(30)),
            texts: Texts {
                name: "First token".to_owned(),
                tags: vec!["bootstrap".to_owned()],
                ..Texts::default()
            },
        };
        let asked = Asked { organization: Some(id), power: Power::of_role(role::owner()), ..asked.clone() };
        self.issue_token(&asked, wish).await
    }
}
