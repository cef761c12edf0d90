use super::row::{ADDRESSES, id};
use super::{AddressHour, SeenAddress};
use crate::runner::{Keys, OnPoison, Poison, Projector, Rows, Table};

/// The projector of where tokens were used from.
pub enum TokenAddresses {}

impl Projector for TokenAddresses {
    type Event = AddressHour;
    const NAME: &'static str = "token_addresses";
    const VERSION: u32 = 1;
    /// A key here holds an address: set apart, it would outlive an erasure.
    const ON_POISON: OnPoison = OnPoison::Halt;
    const TABLES: &'static [Table] = &[ADDRESSES];

    fn keys(hour: &AddressHour) -> Keys {
        Keys::none().changing::<SeenAddress>(id(hour.token, hour.address, &hour.subject))
    }

    fn apply(rows: &mut Rows, hour: &AddressHour) -> Result<(), Poison> {
        let before: Option<SeenAddress> = rows.get(id(hour.token, hour.address, &hour.subject))?;
        let mut seen = SeenAddress::from(hour.clone());
        if let Some(before) = before {
            seen.organization = seen.organization.max(before.organization);
            seen.sightings.merge(before.sightings);
        }
        rows.put(seen)
    }
}
