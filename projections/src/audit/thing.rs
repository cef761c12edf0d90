use domain::secret::SecretId;

/// Characters of a secret's id.
const ID: usize = 14;
/// Characters of a whole secret behind its last underscore.
const WHOLE: usize = 53;

/// What somebody looks for: by its id, or by a secret of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Thing {
    /// The id of a token, an organisation or a member, or the name of a permission.
    Id(String),
    /// A token by the part of one of its secrets that is shown.
    Secret(SecretId),
}

impl Thing {
    /// Reads what somebody has typed or pasted: an id, a token's text whole or as it is displayed, or the
    /// id of a secret. Of a whole text only the id is kept.
    pub fn pasted(text: &str) -> Self {
        let text = text.trim();
        match secret_id(text) {
            Some(id) => Self::Secret(id),
            None => Self::Id(text.to_owned()),
        }
    }
}

fn secret_id(text: &str) -> Option<SecretId> {
    let Some((head, body)) = text.rsplit_once('_') else { return text.parse().ok() };
    let (_, kind) = head.split_once('_')?;
    let is_kind = matches!(kind, "pat" | "svc" | "agt" | "ops" | "ses");
    let shown = body.trim_end_matches(['…', '.']);
    let has_length = shown.len() == ID || shown.len() == WHOLE;
    shown.get(..ID).filter(|_| is_kind && has_length)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use domain::ids::TokenId;
    use domain::secret::{Brand, Kind, SecretText};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_secret_is_known_by_its_text_its_display_and_its_id(random: [u8; 24], id: [u8; 10]) {
            let id = SecretId::from_random(id);
            let display = Brand::default().display(Kind::Svc, id);
            let text = SecretText::assemble(&Brand::default(), Kind::Svc, id, &random);
            let text = text.into_text_shown_once();
            for pasted in [text.as_str(), &display, &id.to_string(), &format!(" {display}\n")] {
                prop_assert_eq!(Thing::pasted(pasted), Thing::Secret(id), "{}", pasted);
            }
        }

        #[test]
        fn an_id_stays_an_id(bits: u128) {
            let id = TokenId::from_bits(bits).to_string();
            prop_assert_eq!(Thing::pasted(&id), Thing::Id(id));
        }
    }

    #[test]
    fn names_and_nonsense_stay_what_they_are() {
        for text in ["invoices:read", "operator", "", "c9d_pat_short", "c9d_xxx_00000000000000", "_", "ä_ä_ä"]
        {
            assert_eq!(Thing::pasted(text), Thing::Id(text.to_owned()));
        }
    }
}
