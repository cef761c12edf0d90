use super::*;
use crate::erasures::{Memory, SubjectErased};
use domain::{
    actor::Request,
    erasable::Erasable::{Erased, Known},
    fact::{Fact, Recorded},
    stream::StreamId,
    subject::{self, Day, Reason, Subject},
};
use schemas::record::Sealed;

impl World {
    async fn erase(&self, asked: &Asked, subject: Subject) -> Result<SubjectErased, Refusal> {
        self.commands.erase_subject(asked, subject, Reason::Requested).await
    }

    pub(super) async fn facts(&self) -> Vec<Recorded> {
        let limit = Limit { records: 1_000, bytes: 1 << 24 };
        let records = self.log.read_all(Position(0), limit).await.unwrap().records;
        let sealed: Vec<_> = records.iter().map(|it| Sealed::parse(&it.bytes).unwrap()).collect();
        let subjects: Vec<_> = sealed.iter().flat_map(Sealed::subjects).map(str::to_owned).collect();
        let keys = self.keyring.keys_for_opening(&subjects).await.unwrap();
        sealed.into_iter().map(|it| it.open(&keys).unwrap()).collect()
    }
}

/// An operator who acts as an organisation's owner.
fn operator_in(organization: OrganizationId) -> Asked {
    Asked { organization: Some(organization), power: Power::of_role(role::owner()), ..operator() }
}

fn member(asked: &Asked) -> MemberId {
    match asked.actor.principal {
        Principal::Holder(Holder::Member(id)) => id,
        Principal::Holder(_) | Principal::System(_) => panic!("no member"),
    }
}

async fn erased_ada() -> (World, Asked, SubjectErased) {
    let world = world().await;
    let ada = world.ada().await;
    let erased = world.erase(&operator_in(ada.organization.unwrap()), Subject::Member(member(&ada))).await;
    (world, ada, erased.unwrap())
}

#[tokio::test]
async fn an_erased_member_is_known_by_no_record_and_no_folded_state_any_more() {
    let (world, _, erased) = erased_ada().await;
    assert_eq!((erased.outcome, erased.position), (Outcome::Appended, Position(4)));
    let facts = world.facts().await;
    let Fact::Organization(organization::Event::Registered { person, label, .. }) = &facts[0].fact else {
        panic!("another fact")
    };
    assert_eq!(*person, Erased);
    assert!(matches!(label, Known(_)), "texts are the organisation's");
    assert_eq!(facts[3].fact, Fact::Subject(subject::Event::Erased { reason: Reason::Requested }));
    let again = world.register(&operator()).await.unwrap_err();
    assert!(matches!(again, Refusal::Organization(_)));
}

#[tokio::test]
async fn erasing_twice_adds_nothing_and_answers_with_the_first() {
    let (world, ada, first) = erased_ada().await;
    world.time.advance(Lifespan::seconds(1));
    let operator = operator_in(ada.organization.unwrap());
    let again = world.commands.erase_subject(&operator, first.subject, Reason::Unlawful).await.unwrap();
    assert_eq!(
        (again.outcome, again.erasure, again.position),
        (Outcome::AlreadySo, first.erasure, first.position)
    );
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn nothing_is_sealed_for_who_is_erased() {
    let (world, ada, _) = erased_ada().await;
    let request =
        Request { id: "req_1".to_owned(), ip: Some(Known("::1".parse().unwrap())), user_agent: None };
    let revoke = Asked { request: Some(request), ..ada.clone() };
    let token = TokenId::of_command(CommandId(Uuid::nil()));
    let refusal = world.commands.revoke_token(&revoke, token, RevocationReason::Unspecified, None).await;
    assert!(matches!(refusal, Err(Refusal::NotFound)), "the token is none");
    let tokens = world.facts().await;
    let StreamId::Token(token) = tokens[2].stream else { panic!("no token") };
    let refusal = world.commands.revoke_token(&revoke, token, RevocationReason::Unspecified, None).await;
    assert!(matches!(refusal, Err(Refusal::Erased { subject }) if subject == member(&ada).to_string()));
    assert_eq!(world.records().await, 4);
}

#[tokio::test]
async fn nobody_is_given_a_token_who_is_erased() {
    let (world, ada, _) = erased_ada().await;
    let wish = IssueToken { holder: Some(Holder::Member(member(&ada))), ..ci() };
    let refusal =
        world.commands.issue_token(&operator_in(ada.organization.unwrap()), wish).await.unwrap_err();
    assert!(matches!(refusal, Refusal::HolderUnknown), "{refusal:?}");
}

#[tokio::test]
async fn who_can_still_act_is_not_erased() {
    let world = world().await;
    let ada = world.ada().await;
    *world.gates.live_of_holder.lock() = 1;
    let subject = Subject::Member(member(&ada));
    let refusal = world.erase(&operator_in(ada.organization.unwrap()), subject).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Subject(subject::Rejection::StillActs(1))));
    assert_eq!(world.records().await, 3);
    assert_eq!(world.keyring.kept_among(&[subject.to_string()]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_member_of_another_organisation_is_none() {
    let world = world().await;
    let ada = world.ada().await;
    let stranger = owner(OrganizationId::from_bits(9), MemberId::from_bits(9));
    for subject in [
        Subject::Member(member(&ada)),
        Subject::Member(MemberId::from_bits(77)),
        Subject::Organization(ada.organization.unwrap()),
        Subject::Unauthenticated(Day::of(NOON.minus(Lifespan::days(1)))),
    ] {
        assert!(matches!(world.erase(&stranger, subject).await, Err(Refusal::NotFound)), "{subject}");
    }
    assert!(matches!(world.erase(&operator(), Subject::Member(member(&ada))).await, Err(Refusal::NotFound)));
}

#[tokio::test]
async fn the_strangers_of_a_day_are_the_operators_to_erase() {
    let world = world().await;
    let day = Day::of(NOON.minus(Lifespan::days(1)));
    let erased = world.erase(&operator(), Subject::Unauthenticated(day)).await.unwrap();
    assert_eq!(erased.outcome, Outcome::Appended);
    let today = world.erase(&operator(), Subject::Unauthenticated(Day::of(NOON))).await.unwrap_err();
    assert!(matches!(today, Refusal::Subject(subject::Rejection::DayNotOver(_))));
}

#[tokio::test]
async fn a_dry_run_erases_nothing() {
    let world = world().await;
    let ada = world.ada().await;
    let asked = Asked { dry_run: true, ..operator_in(ada.organization.unwrap()) };
    let tried = world.erase(&asked, Subject::Member(member(&ada))).await.unwrap();
    assert_eq!(tried.outcome, Outcome::DryRun);
    assert_eq!(world.records().await, 3);
    assert!(matches!(
        world.facts().await[1].fact,
        Fact::Member(domain::member::Event::Added { person: Known(_), .. })
    ));
}

#[tokio::test]
async fn an_erasure_that_was_cut_off_after_its_fact_is_finished() {
    let world = world().await;
    let ada = world.ada().await;
    let subject = Subject::Member(member(&ada));
    *world.gates.broken.lock() = true;
    let cut_off = world.erase(&operator_in(ada.organization.unwrap()), subject).await.unwrap_err();
    assert!(matches!(cut_off, Refusal::Failed(Failure::Fence(_))), "{cut_off:?}");
    assert_eq!(world.records().await, 4);
    let unfinished = world.commands.unfinished_erasures(vec![subject]).await.unwrap();
    assert_eq!(unfinished, [subject]);
    world.commands.finish_erasure(subject).await.unwrap();
    assert_eq!(world.commands.unfinished_erasures(vec![subject]).await.unwrap(), []);
    assert!(matches!(
        world.facts().await[1].fact,
        Fact::Member(domain::member::Event::Added { person: Erased, .. })
    ));
}

#[tokio::test]
async fn what_was_never_erased_is_not_finished() {
    let world = world().await;
    let ada = world.ada().await;
    let subject = Subject::Member(member(&ada));
    world.commands.finish_erasure(subject).await.unwrap();
    assert_eq!(world.commands.unfinished_erasures(vec![subject]).await.unwrap(), [subject]);
}

#[tokio::test]
async fn the_address_of_who_is_erased_is_free() {
    let (world, ada, _) = erased_ada().await;
    let (organization, tag) = (ada.organization.unwrap(), world.commands.keys.addresses.clone());
    let tag = crate::address::tag(&tag, organization, "ada@acme.test");
    let holder = world.commands.state.reserve_address(&organization.to_string(), &tag, "mem_next").await;
    assert_eq!(holder.unwrap(), "mem_next");
}

/// Somebody who holds opened data, and what they were told to forget.
#[derive(Default)]
struct Notebook(Mutex<Vec<String>>);

#[async_trait]
impl Memory for Notebook {
    async fn forget(&self, subject: &str) {
        self.0.lock().push(subject.to_owned());
    }
}

#[tokio::test]
async fn whoever_holds_opened_data_is_told_to_forget_it() {
    let mut world = world().await;
    let ada = world.ada().await;
    let notebook = Arc::new(Notebook::default());
    Arc::get_mut(&mut world.commands).unwrap().memories.push(notebook.clone());
    world.erase(&operator_in(ada.organization.unwrap()), Subject::Member(member(&ada))).await.unwrap();
    assert_eq!(*notebook.0.lock(), [member(&ada).to_string()]);
}
