//! Rows of a snapshot. No place in them leads outside the tables.

use std::io::Read;

use domain::{
    actor::Holder,
    ids::{MemberId, OrganizationId, ServiceAccountId, TokenId},
    plan::Plan,
    secret::{Kind, SecretId},
    time::Timestamp,
};

use super::{Doubt, REPLACED_BYTES, TOKEN_BYTES, source::Source};
use crate::gate::{
    peppers::PepperPlace,
    tables::{
        At, Extras, HolderRow, MaybeInstant, Name, Organization, Replaced, Rulebook, Standing, State, Token,
    },
};

/// What rows may lead to.
pub(super) struct Known<'a> {
    peppers: &'a [PepperPlace],
    roles: usize,
    lists: usize,
    pub(super) organizations: usize,
    pub(super) holders: usize,
    pub(super) tokens: usize,
}

impl<'a> Known<'a> {
    pub(super) fn under(peppers: &'a [PepperPlace], rulebook: &Rulebook) -> Self {
        let (roles, lists) = (rulebook.roles().len(), rulebook.lists().len());
        Self { peppers, roles, lists, organizations: 0, holders: 0, tokens: 0 }
    }
}

pub(super) fn organization<R: Read>(source: &mut Source<R>) -> Result<Organization, Doubt> {
    let id = OrganizationId::from_bits(u128::from_be_bytes(source.array()?));
    let plan = match source.byte()? {
        0 => Plan::Free,
        1 => Plan::Pro,
        2 => Plan::Enterprise,
        _ => return Err(Doubt::Malformed("organisations")),
    };
    let owners = (0..source.length(16)?).map(|_| source.array().map(u128::from_be_bytes));
    let owners: Result<Vec<MemberId>, Doubt> = owners.map(|it| it.map(MemberId::from_bits)).collect();
    // Its live tokens are counted as they come.
    Ok(Organization { id, plan, owners: owners?.into(), live_tokens: 0 })
}

pub(super) fn holder<R: Read>(source: &mut Source<R>, known: &Known<'_>) -> Result<HolderRow, Doubt> {
    let (kind, bits) = (source.byte()?, u128::from_be_bytes(source.array()?));
    let holder = match (kind, bits) {
        (0, bits) => Holder::Member(MemberId::from_bits(bits)),
        (1, bits) => Holder::ServiceAccount(ServiceAccountId::from_bits(bits)),
        (2, 0) => Holder::Operator,
        _ => return Err(Doubt::Malformed("holders")),
    };
    let organization = maybe(source.number()?, known.organizations)?;
    let role = maybe(source.number()?, known.roles)?;
    Ok(HolderRow::new(holder, role.map(|role| Standing { organization, role })))
}

pub(super) fn token(row: &[u8; TOKEN_BYTES], known: &Known<'_>) -> Result<Token, Doubt> {
    read_token(row, known).ok_or(Doubt::Malformed("tokens"))
}

fn read_token(mut row: &[u8], known: &Known<'_>) -> Option<Token> {
    let (secret, digest) = take_secret(&mut row)?;
    let id = TokenId::from_bits(u128::from_be_bytes(take(&mut row)?));
    let [expires_at, ended_at, starts_at] = [take(&mut row)?, take(&mut row)?, take(&mut row)?];
    let starts_at = MaybeInstant::from_micros(i64::from_be_bytes(starts_at))?.get();
    let extras = starts_at.map(|it| Box::new(Extras { starts_at: Some(it), ..Extras::default() }));
    let organization = maybe(take_number(&mut row)?, known.organizations).ok()?;
    let holder = At::of_number(take_number(&mut row)?, known.holders)?;
    let scopes = At::of_number(take_number(&mut row)?, known.lists)?;
    let [kind, state, pepper] = take(&mut row)?;
    let kind = match kind {
        0 => Kind::Pat,
        1 => Kind::Svc,
        2 => Kind::Agt,
        3 => Kind::Ops,
        4 => Kind::Ses,
        _ => return None,
    };
    let state = match state {
        0 => State::Live,
        1 => State::Revoked,
        2 => State::Expired,
        _ => return None,
    };
    Some(Token {
        secret,
        digest,
        id,
        expires_at: MaybeInstant::from_micros(i64::from_be_bytes(expires_at))?,
        ended_at: MaybeInstant::from_micros(i64::from_be_bytes(ended_at))?,
        extras,
        // Until its texts come; of one without texts they were erased.
        name: Name::Erased,
        organization,
        holder,
        scopes,
        kind,
        state,
        pepper: *known.peppers.get(usize::from(pepper))?,
    })
}

pub(super) fn replaced(row: &[u8; REPLACED_BYTES], known: &Known<'_>) -> Result<Replaced, Doubt> {
    read_replaced(row, known).ok_or(Doubt::Malformed("replaced secrets"))
}

fn read_replaced(mut row: &[u8], known: &Known<'_>) -> Option<Replaced> {
    let (id, digest) = take_secret(&mut row)?;
    let micros = i64::from_be_bytes(take(&mut row)?);
    let valid_until = Timestamp::from_micros(micros);
    let token = At::of_number(take_number(&mut row)?, known.tokens)?;
    let [pepper] = take(&mut row)?;
    let pepper = *known.peppers.get(usize::from(pepper))?;
    (valid_until.micros() == micros).then_some(Replaced { id, digest, valid_until, token, pepper })
}

/// The place of that number, or none where it is 0.
fn maybe<T>(number: u32, places: usize) -> Result<Option<At<T>>, Doubt> {
    match At::of_number(number, places) {
        None if number != 0 => Err(Doubt::Malformed("places")),
        place => Ok(place),
    }
}

fn take_secret(row: &mut &[u8]) -> Option<(SecretId, [u64; 4])> {
    let bits = take::<11>(row)?.iter().fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
    let digest = [take(row)?, take(row)?, take(row)?, take(row)?].map(u64::from_ne_bytes);
    Some((SecretId::from_bits(bits)?, digest))
}

fn take_number(row: &mut &[u8]) -> Option<u32> {
    take(row).map(u32::from_be_bytes)
}

fn take<const N: usize>(row: &mut &[u8]) -> Option<[u8; N]> {
    let (array, rest) = row.split_first_chunk()?;
    *row = rest;
    Some(*array)
}
