//! Random histories.

use domain::ids::TokenId;
use domain::ids::{MemberId, OrganizationId};
use domain::time::Lifespan;
use domain::token::{Ends, Texts};
use proptest::prelude::*;

use super::{Ledger, Wish};

/// One thing that somebody tries. What the rules refuse adds nothing.
#[derive(Clone, Debug)]
enum Step {
    Issue(usize, Box<Wish>, Option<i64>),
    Rotate(usize),
    Revoke(usize, bool),
    Expire(usize),
    Advance(i64),
    Permission(u8),
    From(u8),
}

/// Things that happen to two organisations.
#[derive(Clone, Debug)]
pub(crate) struct History(Vec<Step>);

/// Up to so many steps.
pub(crate) fn a_history(steps: usize) -> impl Strategy<Value = History> {
    let step = prop_oneof![
        4 => (0_usize..2, a_wish(), proptest::option::of(-3_i64..40)).prop_map(|(it, wish, start)| Step::Issue(it, Box::new(wish), start)),
        3 => (0_usize..20).prop_map(Step::Rotate),
        2 => (0_usize..20, any::<bool>()).prop_map(|(it, note)| Step::Revoke(it, note)),
        2 => (0_usize..20).prop_map(Step::Expire),
        3 => (0_i64..40).prop_map(Step::Advance),
        1 => (0_u8..4).prop_map(Step::Permission),
        1 => (1_u8..7).prop_map(Step::From),
    ];
    proptest::collection::vec(step, 0..steps).prop_map(History)
}

fn a_wish() -> impl Strategy<Value = Wish> {
    let word = "[a-cA-C%_\\\\äÄ]{1,3}";
    let texts = (
        word,
        proptest::option::of(word),
        proptest::collection::vec("[a-b]{1,2}", 0..3),
        proptest::option::of(word),
    );
    (texts, 0_i64..80).prop_map(|((name, description, tags, external_id), days)| {
        let texts = Texts { name, description, tags, external_id, ..Texts::default() };
        let ends = if days == 0 { Ends::Default } else { Ends::In(Lifespan::days(days)) };
        Wish { texts, ends, ..Wish::named("") }
    })
}

impl History {
    /// Lets it happen, after two organisations and an operator's token have begun.
    pub(crate) async fn happen(&self, ledger: &Ledger) -> Vec<(OrganizationId, MemberId)> {
        let organizations = vec![ledger.organization("acme").await, ledger.organization("globex").await];
        ledger.issue_operator(1).await;
        let mut tokens: Vec<(TokenId, MemberId)> = Vec::new();
        for step in &self.0 {
            step.happen(ledger, &organizations, &mut tokens).await;
        }
        organizations
    }
}

impl Step {
    async fn happen(
        &self,
        ledger: &Ledger,
        organizations: &[(OrganizationId, MemberId)],
        tokens: &mut Vec<(TokenId, MemberId)>,
    ) {
        let of = |at: usize| tokens.get(at % tokens.len().max(1)).copied();
        match self {
            Self::Issue(at, wish, start) => {
                let starts_at = start.map(|days| ledger.now().plus(Lifespan::days(days)));
                let wish = Wish { starts_at, ..wish.as_ref().clone() };
                let id = 100 + tokens.len() as u128;
                let token = ledger.issue(id, organizations[*at], &wish).await;
                tokens.push((token, organizations[*at].1));
            }
            Self::Rotate(at) => {
                if let Some((token, member)) = of(*at) {
                    ledger.rotate(token, member).await;
                }
            }
            Self::Revoke(at, note) => {
                if let Some((token, member)) = of(*at) {
                    ledger.revoke(token, member, note.then_some("Bye bye")).await;
                }
            }
            Self::Expire(at) => {
                if let Some((token, _)) = of(*at) {
                    ledger.expire(token).await;
                }
            }
            Self::Advance(days) => ledger.advance(Lifespan::days(*days)),
            Self::Permission(number) => {
                ledger.permission(&format!("invoices:read{number}").replace('0', "")).await;
            }
            Self::From(number) => {
                let ip = match number {
                    1..=3 => format!("198.51.100.{number}"),
                    _ => format!("2001:db8::{number}"),
                };
                ledger.come_from(&ip, &format!("Agent/{number}"));
            }
        }
    }
}
