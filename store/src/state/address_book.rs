//! Which member holds an address, by organisation and keyed tag: no address is stored.

use super::State;
use crate::{SqlError, Statement};

const RESERVE: &str = "INSERT INTO address_book (organization, tag, member) VALUES ($1, $2, $3)
    ON CONFLICT (organization, tag) DO UPDATE SET member = address_book.member
    RETURNING member";

const RELEASE: &str = "DELETE FROM address_book WHERE organization = $1 AND tag = $2 AND member = $3";

const RELEASE_ALL: &str = "DELETE FROM address_book WHERE organization = $1 AND member = $2";

impl State {
    /// Reserves the address for the member, or reads who has it: answers the member that holds
    /// the row, which is `member` itself when it was free or already theirs.
    pub async fn reserve_address(
        &self,
        organization: &str,
        tag: &[u8],
        member: &str,
    ) -> Result<String, SqlError> {
        let args = vec![organization.into(), tag.into(), member.into()];
        match self.sql.query(RESERVE, args).await?.first() {
            Some(row) => Ok(row.text(0)?.to_owned()),
            None => Err(SqlError::refused("the address book answered no row")),
        }
    }

    /// Frees the address, if this member holds it; answers whether they did.
    pub async fn release_address(
        &self,
        organization: &str,
        tag: &[u8],
        member: &str,
    ) -> Result<bool, SqlError> {
        let args = vec![organization.into(), tag.into(), member.into()];
        let counts = self.sql.transact(vec![Statement::new(RELEASE, args)]).await?;
        Ok(counts == [1])
    }

    /// Frees every address that the member holds in the organisation. A tag tells whoever has its key that an address
    /// was there; it leaves the files when the member's key does, with [`erase_key`](Self::erase_key), which follows.
    pub async fn release_addresses_of(&self, organization: &str, member: &str) -> Result<(), SqlError> {
        let args = vec![organization.into(), member.into()];
        self.sql.transact(vec![Statement::new(RELEASE_ALL, args)]).await.map(drop)
    }
}
