use super::{Command, Event, Member, Rejection};
use crate::erasable::Erasable;

pub(super) fn decide(state: &Member, command: &Command) -> Result<Vec<Event>, Rejection> {
    match (state, command) {
        (Member::Absent, Command::Add { person, role, .. }) => {
            Ok(vec![Event::Added { person: Erasable::Known(person.clone()), role: role.clone() }])
        }
        (Member::Active(_), Command::Add { .. }) => Err(Rejection::AlreadyExists),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decider::Decider, ids::OrganizationId, member::Rules, organization::Person, role, time::Timestamp,
    };

    #[test]
    fn a_member_is_added_once() {
        let add = Command::Add {
            organization: OrganizationId::from_bits(1),
            person: Person { email: "ada@acme.test".to_owned(), name: "Ada".to_owned() },
            role: role::owner(),
        };
        let facts = decide(&Member::Absent, &add).unwrap();
        let state = facts.iter().fold(Member::Absent, |it, fact| Rules::evolve(it, fact, Timestamp::EPOCH));
        assert_eq!(decide(&state, &add), Err(Rejection::AlreadyExists));
    }
}
