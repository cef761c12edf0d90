//! What lies inside sealed entries.

use super::BlockError;
use super::address::{Address, put_address, read_address};
use super::cursor::Cursor;
use super::packing::{Packer, Unpacker};
use super::phrases::{lengthen, shorten};

/// Address and user agent of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDetails {
    /// Where the call came from.
    pub address: Option<Address>,
    /// What the caller's program calls itself.
    pub user_agent: Option<Box<str>>,
}

const NO_USER_AGENT: u8 = 0;
const USER_AGENT: u8 = 1;

/// The entry of a client: the address, then 0 for no user agent, or 1 and its shortened text.
pub(super) fn client_entry(address: Option<Address>, user_agent: Option<&str>) -> Vec<u8> {
    let mut plain = Vec::with_capacity(48);
    put_address(address, &mut plain);
    plain.push(if user_agent.is_some() { USER_AGENT } else { NO_USER_AGENT });
    shorten(user_agent.unwrap_or_default(), &mut plain);
    plain
}

/// Turns [`client_entry`] back.
pub(super) fn read_client_entry(plain: &[u8]) -> Result<ClientDetails, BlockError> {
    let mut cursor = Cursor::over(plain);
    let address = read_address(&mut cursor)?;
    let user_agent = match cursor.byte()? {
        NO_USER_AGENT => None,
        USER_AGENT => Some(lengthen(cursor.take(cursor.left())?)?.into()),
        _ => return Err(BlockError::Malformed("a client has an unknown form")),
    };
    cursor.end()?;
    Ok(ClientDetails { address, user_agent })
}

const AS_IT_IS: u8 = 0;
const COMPRESSED: u8 = 1;

/// A box of texts: 0 and the strings (each behind its length), or 1 and these compressed.
pub(super) fn text_box(strings: &[u8], packer: &mut Packer) -> Vec<u8> {
    let (form, body) = match packer.pack(strings, strings.len()) {
        Some(shorter) => (COMPRESSED, shorter),
        None => (AS_IT_IS, strings.to_vec()),
    };
    let mut plain = body;
    plain.insert(0, form);
    plain
}

/// Turns [`text_box`] back into its strings.
pub(super) fn read_text_box(plain: &[u8], unpacker: &mut Unpacker) -> Result<Vec<Box<str>>, BlockError> {
    match plain.split_first() {
        Some((&AS_IT_IS, body)) => read_texts(body),
        Some((&COMPRESSED, body)) => read_texts(&unpacker.unpack(body)?),
        _ => Err(BlockError::Malformed("a box of texts has an unknown form")),
    }
}

fn read_texts(body: &[u8]) -> Result<Vec<Box<str>>, BlockError> {
    let mut cursor = Cursor::over(body);
    let mut texts = Vec::new();
    while cursor.left() > 0 {
        let text = std::str::from_utf8(cursor.string()?);
        texts.push(text.map_err(|_| BlockError::Malformed("a text is no text"))?.into());
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::usage::cursor::put_string;

    fn address() -> impl Strategy<Value = Option<Address>> {
        prop_oneof![
            Just(None),
            any::<std::net::IpAddr>().prop_map(|it| Some(Address::Ip(it))),
            any::<std::net::IpAddr>().prop_map(|it| Some(Address::network(it))),
        ]
    }

    proptest! {
        #[test]
        fn a_client_reads_as_it_was_written(address in address(), agent: Option<String>) {
            let read = read_client_entry(&client_entry(address, agent.as_deref())).unwrap();
            let user_agent = agent.map(String::into_boxed_str);
            prop_assert_eq!(read, ClientDetails { address, user_agent });
        }

        #[test]
        fn texts_read_as_they_were_written(texts: Vec<String>) {
            let mut strings = Vec::new();
            for text in &texts {
                put_string(text.as_bytes(), &mut strings);
            }
            let plain = text_box(&strings, &mut Packer::new());
            let read = read_text_box(&plain, &mut Unpacker::new()).unwrap();
            prop_assert_eq!(read.into_iter().map(String::from).collect::<Vec<_>>(), texts);
        }

        #[test]
        fn any_bytes_read_without_a_panic(plain: Vec<u8>) {
            let _ = read_client_entry(&plain);
            let _ = read_text_box(&plain, &mut Unpacker::new());
        }
    }
}
