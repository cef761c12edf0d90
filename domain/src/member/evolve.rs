use super::{Event, Joined, Member};
use crate::time::Timestamp;

pub(super) fn evolve(_: Member, event: &Event, at: Timestamp) -> Member {
    match event {
        Event::Added { person, role } => {
            Member::Active(Joined { person: person.clone(), role: role.clone(), created_at: at })
        }
    }
}
