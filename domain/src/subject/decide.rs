use super::{Command, Day, Event, Rejection, State, Subject};

pub(super) fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
    let Command::Erase { subject, reason, live_tokens, at } = *command;
    match (state, subject) {
        (State::Erased(_), _) => Ok(vec![]),
        (State::Known, Subject::Member(_)) if 0 < live_tokens => Err(Rejection::StillActs(live_tokens)),
        (State::Known, Subject::Organization(_)) => Err(Rejection::OrganizationOpen),
        (State::Known, Subject::Unauthenticated(day)) if Day::of(at) <= day => {
            Err(Rejection::DayNotOver(day))
        }
        (State::Known, Subject::Member(_) | Subject::Unauthenticated(_)) => {
            Ok(vec![Event::Erased { reason }])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decider::Decider,
        ids::{MemberId, OrganizationId},
        subject::{Reason, Rules},
        time::{Lifespan, Timestamp},
    };
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
    const ADA: Subject = Subject::Member(MemberId::from_bits(0xADA));

    fn erase(subject: Subject, live_tokens: u64) -> Command {
        Command::Erase { subject, reason: Reason::Requested, live_tokens, at: NOON }
    }

    fn erased() -> State {
        Rules::evolve(State::Known, &Event::Erased { reason: Reason::Unlawful }, NOON)
    }

    #[test]
    fn a_member_who_cannot_act_any_more_is_erased() {
        assert_eq!(
            decide(&State::Known, &erase(ADA, 0)),
            Ok(vec![Event::Erased { reason: Reason::Requested }])
        );
    }

    #[test]
    fn a_member_who_can_still_act_is_not_erased() {
        assert_eq!(decide(&State::Known, &erase(ADA, 2)), Err(Rejection::StillActs(2)));
    }

    #[test]
    fn the_strangers_of_a_day_are_erased_once_it_is_over() {
        let (today, yesterday) = (Day::of(NOON), Day::of(NOON.minus(Lifespan::days(1))));
        let refused = decide(&State::Known, &erase(Subject::Unauthenticated(today), 0));
        assert_eq!(refused, Err(Rejection::DayNotOver(today)));
        assert!(decide(&State::Known, &erase(Subject::Unauthenticated(yesterday), 0)).is_ok());
    }

    #[test]
    fn an_organisation_that_is_open_is_not_erased() {
        let acme = Subject::Organization(OrganizationId::from_bits(1));
        assert_eq!(decide(&State::Known, &erase(acme, 0)), Err(Rejection::OrganizationOpen));
    }

    fn a_subject() -> impl Strategy<Value = Subject> {
        prop_oneof![
            any::<u128>().prop_map(|it| Subject::Member(MemberId::from_bits(it))),
            any::<u128>().prop_map(|it| Subject::Organization(OrganizationId::from_bits(it))),
            (0_i64..4_000_000_000_000_000)
                .prop_map(|it| Subject::Unauthenticated(Day::of(Timestamp::from_micros(it)))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_erased_stays_so_and_saying_it_again_adds_nothing(
            subject in a_subject(), live_tokens: u64,
        ) {
            prop_assert_eq!(decide(&erased(), &erase(subject, live_tokens)), Ok(vec![]));
        }

        #[test]
        fn the_first_erasure_is_the_one_that_is_remembered(later in 1_i64..1_000) {
            let again = Event::Erased { reason: Reason::Requested };
            prop_assert_eq!(Rules::evolve(erased(), &again, NOON.plus(Lifespan::seconds(later))), erased());
        }
    }
}
