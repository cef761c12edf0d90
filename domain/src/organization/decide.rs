use super::{Command, Event, Organization, Rejection};
use crate::erasable::Erasable;

pub(super) fn decide(state: &Organization, command: &Command) -> Result<Vec<Event>, Rejection> {
    match (state, command) {
        (Organization::Absent, Command::Register { label, plan, owner, person }) => {
            Ok(vec![Event::Registered {
                label: Erasable::Known(label.clone()),
                plan: *plan,
                owner: *owner,
                person: Erasable::Known(person.clone()),
            }])
        }
        (Organization::Active(_), Command::Register { .. }) => Err(Rejection::AlreadyExists),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decider::Decider,
        ids::MemberId,
        organization::{Label, Person, Rules},
        plan::Plan,
        time::Timestamp,
    };

    #[test]
    fn a_slug_is_taken_once() {
        let register = Command::Register {
            label: Label { name: "Acme".to_owned(), slug: "acme".to_owned() },
            plan: Plan::Pro,
            owner: MemberId::from_bits(1),
            person: Person { email: "ada@acme.test".to_owned(), name: "Ada".to_owned() },
        };
        let facts = decide(&Organization::Absent, &register).unwrap();
        let state =
            facts.iter().fold(Organization::Absent, |it, fact| Rules::evolve(it, fact, Timestamp::EPOCH));
        assert_eq!(decide(&state, &register), Err(Rejection::AlreadyExists));
    }
}
