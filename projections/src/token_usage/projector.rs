use super::row::TOKENS;
use super::secret_row::{SECRETS, SecretRow};
use super::{SecretHour, UsedToken};
use crate::runner::{Keys, OnPoison, Poison, Projector, Rows, Table};

/// The projector of what tokens were used for.
pub enum TokenUsage {}

impl Projector for TokenUsage {
    type Event = SecretHour;
    const NAME: &'static str = "token_usage";
    const VERSION: u32 = 1;
    const ON_POISON: OnPoison = OnPoison::Park;
    const TABLES: &'static [Table] = &[TOKENS, SECRETS];

    fn keys(hour: &SecretHour) -> Keys {
        Keys::none()
            .changing::<UsedToken>(hour.token.to_string())
            .changing::<SecretRow>(hour.secret.to_string())
    }

    fn apply(rows: &mut Rows, hour: &SecretHour) -> Result<(), Poison> {
        rows.put(used(rows.get(hour.token.to_string())?, hour))?;
        rows.put(secret(rows.get(hour.secret.to_string())?, hour))
    }
}

fn used(before: Option<UsedToken>, hour: &SecretHour) -> UsedToken {
    let SecretHour { token, organization, tally, .. } = hour.clone();
    let Some(mut used) = before else { return UsedToken { token, organization, tally } };
    used.organization = used.organization.max(organization);
    used.tally.merge(tally);
    used
}

fn secret(before: Option<SecretRow>, hour: &SecretHour) -> SecretRow {
    let last_use = hour.tally.last_use.clone().max(before.and_then(|it| it.last_use));
    SecretRow { secret: hour.secret, token: hour.token, last_use }
}
