use domain::ids::TokenId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::SeenAddress;
use super::row::{ADDRESSES, id};
use crate::runner::{Conditions, QueryError, Record, View};

/// A place in a token's addresses, right after one. An address stays where it is, however often it is seen again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cursor {
    first_seen: Timestamp,
    id: String,
}

/// Some of a token's addresses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddressPage {
    /// The addresses, the one first seen last at the beginning.
    pub addresses: Vec<SeenAddress>,
    /// Where the next page begins; nothing where this is the last.
    pub next: Option<Cursor>,
}

/// What is asked of the addresses of tokens.
#[derive(Clone)]
pub struct TokenAddressQueries {
    view: View,
}

impl TokenAddressQueries {
    /// Over the view of [`TokenAddresses`](super::TokenAddresses).
    pub fn new(view: View) -> Self {
        Self { view }
    }

    /// The view, to be waited for.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// A page of the addresses that a token was used from, at most `limit`.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub async fn page(
        &self,
        token: TokenId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<AddressPage, QueryError> {
        let mut conditions = Conditions::default();
        conditions.compare("token", "=", token.to_string());
        if let Some(Cursor { first_seen, id }) = after {
            let (at, id) = (conditions.arg(first_seen.micros()), conditions.arg(id.as_str()));
            conditions.add(format!("(first_seen, id) < ({at}, {id})"));
        }
        // One more than wanted says whether there is a next page.
        let bound = conditions.arg(limit.saturating_add(1) as u64);
        let (clause, args) = conditions.finish();
        let columns = ADDRESSES.columns.join(", ");
        let order = "ORDER BY first_seen DESC, id DESC";
        let sql = format!("SELECT {columns} FROM token_addresses.addresses{clause} {order} LIMIT {bound}");
        let rows = self.view.query(&sql, args).await?;
        let mut addresses = self.view.read(&rows, SeenAddress::from_row)?;
        let is_last = addresses.len() <= limit;
        addresses.truncate(limit);
        let next = addresses.last().filter(|_| !is_last).map(Cursor::after);
        Ok(AddressPage { addresses, next })
    }
}

impl Cursor {
    fn after(address: &SeenAddress) -> Self {
        let id = id(address.token, address.address, &address.subject);
        Self { first_seen: address.sightings.first_seen, id }
    }
}
