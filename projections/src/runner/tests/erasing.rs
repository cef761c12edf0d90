//! Erasures: live is rebuilt, wherever pages are cut and whenever the key goes.

use domain::ids::{MemberId, OrganizationId, TokenId};
use domain::subject::Subject;
use eventlog::EventLog;
use proptest::prelude::*;

use crate::audit::Audit;
use crate::runner::check::{Live, check_rebuild, run};
use crate::runner::{Dump, Projection};
use crate::testing::{Ledger, Wish};
use crate::timers::Timers;
use crate::token_list::TokenList;

/// What happens, and what the live views do meanwhile.
#[derive(Clone, Debug)]
enum Step {
    /// A token is issued in one of two organisations, by its owner.
    Issue(usize),
    Rotate(usize),
    Revoke(usize),
    /// The fact that one of four subjects is erased.
    Erase(usize),
    /// The keys of all who are erased go.
    DeleteKeys,
    /// The live views fold so many facts, and perhaps start anew.
    Fold(usize, bool),
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_usize..2).prop_map(Step::Issue),
        2 => (0_usize..9).prop_map(Step::Rotate),
        2 => (0_usize..9).prop_map(Step::Revoke),
        2 => (0_usize..4).prop_map(Step::Erase),
        1 => Just(Step::DeleteKeys),
        4 => (1_usize..9, proptest::bool::weighted(0.2)).prop_map(|(facts, anew)| Step::Fold(facts, anew)),
    ]
}

/// A ledger with two organisations whose writers go on sealing with the keys that they have.
struct World {
    ledger: Ledger,
    organizations: Vec<(OrganizationId, MemberId)>,
    tokens: Vec<(TokenId, MemberId)>,
    erased: Vec<Subject>,
}

impl World {
    async fn new() -> Self {
        let ledger = Ledger::new();
        let organizations = vec![ledger.organization("acme").await, ledger.organization("globex").await];
        let world = Self { ledger, organizations, tokens: vec![], erased: vec![] };
        let subjects: Vec<Subject> = (0..4).map(|it| world.subject(it).0).collect();
        world.ledger.hold_keys(&subjects).await;
        world
    }

    fn subject(&self, number: usize) -> (Subject, OrganizationId) {
        let (organization, member) = self.organizations[number % 2];
        let is_member = number < 2;
        let subject = if is_member { Subject::Member(member) } else { Subject::Organization(organization) };
        (subject, organization)
    }

    async fn step(&mut self, step: &Step, live: &mut [Live]) {
        let token = |it: usize| self.tokens.get(it % self.tokens.len().max(1)).copied();
        match step {
            Step::Issue(at) => {
                let whose = self.organizations[*at];
                let id = 100 + self.tokens.len() as u128;
                let token = self.ledger.issue(id, whose, &Wish::named("Lovelace\'s \u{fc}ber ci")).await;
                self.tokens.push((token, whose.1));
            }
            Step::Rotate(it) => {
                if let Some((token, member)) = token(*it) {
                    self.ledger.rotate(token, member).await;
                }
            }
            Step::Revoke(it) => {
                if let Some((token, member)) = token(*it) {
                    self.ledger.revoke(token, member, Some("bye")).await;
                }
            }
            Step::Erase(it) => {
                let (subject, organization) = self.subject(*it);
                self.ledger.erase(subject, organization).await;
                self.erased.push(subject);
            }
            Step::DeleteKeys => self.delete_keys().await,
            Step::Fold(facts, anew) => {
                for it in live {
                    it.fold(&self.ledger, *facts).await;
                    if *anew {
                        it.restart(&self.ledger).await;
                    }
                }
            }
        }
    }

    async fn delete_keys(&self) {
        for subject in &self.erased {
            self.ledger.forget(*subject).await;
        }
    }
}

fn text_of(dump: &Dump) -> String {
    String::from_utf8_lossy(&dump.bytes()).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whenever_somebody_is_erased_the_live_view_is_the_one_built_again(
        steps in proptest::collection::vec(a_step(), 0..40),
    ) {
        run(async {
            let mut world = World::new().await;
            let projections =
                [Projection::of::<Audit>(), Projection::of::<TokenList>(), Projection::of::<Timers>()];
            let mut live = Vec::new();
            for projection in projections {
                live.push(Live::begin(projection, &world.ledger).await);
            }
            for step in &steps {
                world.step(step, &mut live).await;
            }
            world.delete_keys().await;
            for (mut live, projection) in live.into_iter().zip(projections) {
                live.fold(&world.ledger, usize::MAX).await;
                let rebuilt = check_rebuild(projection, &world.ledger, &[(3, true)]).await;
                let live = live.dump().await;
                assert_eq!(live.difference(&rebuilt), None, "{}", projection.name);
                assert_eq!(live.bytes(), rebuilt.bytes());
            }
        });
    }
}

#[tokio::test]
async fn what_is_sealed_after_an_erasure_is_shown_by_no_view_although_the_key_is_still_there() {
    let mut world = World::new().await;
    let mut live = [Live::begin(Projection::of::<Audit>(), &world.ledger).await];
    for step in
        [Step::Fold(99, false), Step::Erase(0), Step::Fold(99, false), Step::Issue(0), Step::Fold(99, false)]
    {
        world.step(&step, &mut live).await;
    }
    let [live] = live;
    let shown = text_of(&live.dump().await);
    assert!(!shown.contains("ada@acme"), "{shown}");
    assert!(shown.contains("ada@globex"), "nobody else is erased");
    let issued = live.dump().await.rows("events").last().unwrap();
    let ip = issued.optional_text(10).unwrap();
    assert_eq!(ip, None, "the owner acts from nowhere any more");
    assert_eq!(*world.ledger.log.head().borrow(), eventlog::Position(6));
}

#[tokio::test]
async fn of_who_is_erased_no_byte_is_left_in_the_files_of_a_view() {
    let mut world = World::new().await;
    let mut live = [Live::begin(Projection::of::<Audit>(), &world.ledger).await];
    for n in 0..200 {
        world.step(&Step::Issue(n % 2), &mut live).await;
        world.step(&Step::Fold(3, false), &mut live).await;
    }
    world.step(&Step::Fold(999, false), &mut live).await;
    assert!(live[0].files_hold("ada@acme") && live[0].files_hold("ada@globex"));
    world.step(&Step::Erase(0), &mut live).await;
    world.step(&Step::Fold(9, false), &mut live).await;
    assert!(!live[0].files_hold("ada@acme"));
    assert!(live[0].files_hold("ada@globex"), "nobody else is erased");
}
