use super::{Event, Organization, Registered};
use crate::time::Timestamp;

pub(super) fn evolve(_: Organization, event: &Event, at: Timestamp) -> Organization {
    match event {
        Event::Registered { label, plan, owner, person } => Organization::Active(Registered {
            label: label.clone(),
            plan: *plan,
            owners: vec![*owner],
            first_owner: *owner,
            first_person: person.clone(),
            created_at: at,
        }),
    }
}
