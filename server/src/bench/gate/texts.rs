//! The texts of all tokens, one after the other.

use domain::secret::{Brand, Kind, SecretId, SecretText};

use crate::bench::dice::{self, Purpose};

/// Characters of one text.
const WIDTH: usize = 61;

/// The texts, found by number.
pub(super) struct Texts {
    all: String,
    number: u32,
}

/// The secret of the token of that number: the same whenever it is asked for.
pub(super) fn secret(number: u32) -> SecretText {
    let number = u64::from(number);
    let id = SecretId::from_random(dice::bytes(Purpose::Id, number));
    SecretText::assemble(&Brand::default(), Kind::Pat, id, &dice::bytes(Purpose::Secret, number))
}

impl Texts {
    /// The texts of the tokens below that number.
    pub(super) fn of(tokens: u32) -> Self {
        let mut all = String::with_capacity(tokens as usize * WIDTH);
        for number in 0..tokens {
            all.push_str(&secret(number).into_text_shown_once());
        }
        Self { all, number: tokens }
    }

    pub(super) fn len(&self) -> u32 {
        self.number
    }

    pub(super) fn get(&self, number: u32) -> Option<&str> {
        let start = number as usize * WIDTH;
        self.all.get(start..start + WIDTH)
    }
}
