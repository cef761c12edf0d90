//! New secrets: the one place where their text is made.

use crate::refusal::Failure;
use domain::{
    secret::{Brand, Kind, Pepper, SecretId, SecretText},
    token::NewSecret,
};
use schemas::sealing::Randomness;
use zeroize::Zeroizing;

/// A secret to be shown once, and what is kept of it.
pub(crate) fn make(
    randomness: &dyn Randomness,
    brand: &Brand,
    pepper: &Pepper,
    kind: Kind,
) -> Result<(SecretText, NewSecret), Failure> {
    let mut dice = Zeroizing::new([0; 34]);
    randomness.fill(dice.as_mut_slice()).map_err(|err| Failure::Broken(err.to_string()))?;
    let (id, random) = dice.split_at(10);
    let id = SecretId::from_random(id.try_into().unwrap_or_default());
    let random = Zeroizing::new(<[u8; 24]>::try_from(random).unwrap_or_default());
    let text = SecretText::assemble(brand, kind, id, &random);
    let kept = kept(&text, pepper);
    Ok((text, kept))
}

/// What is kept of a text.
pub(crate) fn kept(text: &SecretText, pepper: &Pepper) -> NewSecret {
    NewSecret { id: text.id(), key: pepper.id().clone(), digest: text.digest(pepper) }
}
