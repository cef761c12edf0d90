//! Callers' texts in a snapshot: in boxes, each under the key of whoever they belong to.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Read, Write},
    sync::Arc,
};

use schemas::{
    events::text_subject,
    sealing::{DataKey, KeySet, KeyringError, Randomness, open_cached, seal_cached},
};

use super::{BOX_BYTES, Doubt, Seal, sink::Sink, source::Source};
use crate::gate::tables::{At, Frozen, Organization, Tables, Token};

/// Boxes that are opened together.
const OPENED: usize = 64;

/// What opens boxes: the data keys of some subjects.
pub(super) type AskKeys<'a> = dyn FnMut(&[String]) -> Result<KeySet, KeyringError> + 'a;

/// Writes the boxes and their end.
pub(super) fn write<W: Write>(sink: &mut Sink<W>, tables: &Frozen, seal: &Seal<'_>) -> io::Result<()> {
    let mut own: Vec<(u32, u32)> = Vec::with_capacity(tables.tokens.len());
    for (token, number) in tables.tokens.iter().zip(1..) {
        if tables.texts.text(&token.name).is_some() {
            own.push((token.organization.map_or(0, At::number), number));
        }
    }
    own.sort_unstable();
    for some in own.chunk_by(|one, other| one.0 == other.0) {
        let Some((organization, _)) = some.first() else { continue };
        let at = At::<Organization>::of_number(*organization, tables.organizations.len());
        let subject = text_subject(at.and_then(|it| tables.organizations.get(it)).map(|it| it.id));
        // Whose key is gone was erased meanwhile, or will be found missing by whoever reads the ledger.
        let Some(key) = seal.keys.get(&subject) else { continue };
        let mut boxes =
            Boxes { sink, organization: *organization, subject, key, randomness: seal.randomness };
        boxes.write(some.iter().map(|it| it.1), tables)?;
    }
    sink.length(0)
}

/// The boxes of one subject.
struct Boxes<'a, W> {
    sink: &'a mut Sink<W>,
    organization: u32,
    subject: String,
    key: &'a DataKey,
    randomness: &'a dyn Randomness,
}

impl<W: Write> Boxes<'_, W> {
    fn write(&mut self, tokens: impl Iterator<Item = u32>, tables: &Frozen) -> io::Result<()> {
        let mut plain = Vec::with_capacity(BOX_BYTES);
        for number in tokens {
            let token = At::of_number(number, tables.tokens.len()).and_then(|it| tables.tokens.get(it));
            let Some(token) = token else { continue };
            add(&mut plain, number, token, tables.texts.text(&token.name).unwrap_or_default())?;
            if BOX_BYTES <= plain.len() {
                self.seal(&plain)?;
                plain.clear();
            }
        }
        if plain.is_empty() { Ok(()) } else { self.seal(&plain) }
    }

    fn seal(&mut self, plain: &[u8]) -> io::Result<()> {
        let mut nonce = [0; 24];
        self.randomness.fill(&mut nonce).map_err(io::Error::other)?;
        let sealed = seal_cached(self.key, &self.subject, plain, nonce);
        self.sink.length(sealed.len())?;
        self.sink.number(self.organization)?;
        self.sink.put(&sealed)
    }
}

/// Adds the texts of a token to what will be sealed.
fn add(plain: &mut Vec<u8>, number: u32, token: &Token, name: &str) -> io::Result<()> {
    plain.extend(number.to_be_bytes());
    add_text(plain, name)?;
    let extras = token.extras.as_deref();
    let external_id = extras.and_then(|it| it.external_id.as_deref());
    plain.push(u8::from(external_id.is_some()));
    external_id.map_or(Ok(()), |it| add_text(plain, it))?;
    let metadata = extras.and_then(|it| it.metadata.as_deref());
    plain.extend(short(metadata.map_or(0, BTreeMap::len))?);
    for (key, value) in metadata.into_iter().flatten() {
        add_text(plain, key)?;
        add_text(plain, value)?;
    }
    Ok(())
}

fn add_text(plain: &mut Vec<u8>, text: &str) -> io::Result<()> {
    plain.extend(short(text.len())?);
    plain.extend(text.as_bytes());
    Ok(())
}

fn short(length: usize) -> io::Result<[u8; 2]> {
    // A record is at most 32 KiB long, and all texts of a token lie in one.
    u16::try_from(length).map(u16::to_be_bytes).map_err(|_| io::Error::other("a text is too long"))
}

/// Reads the boxes and gives each token its texts.
pub(super) fn read<R: Read>(
    source: &mut Source<R>,
    tables: &mut Tables,
    ask: &mut AskKeys<'_>,
) -> Result<(), Doubt> {
    loop {
        let some = Batch::read(source, tables)?;
        let subjects: Vec<String> = some.boxes.keys().cloned().collect();
        let keys = ask(&subjects).map_err(Doubt::Keys)?;
        for (subject, boxes) in some.boxes {
            let Some(key) = keys.get(&subject) else { continue };
            for sealed in boxes {
                let plain = open_cached(key, &subject, &sealed).map_err(|_| Doubt::Malformed("texts"))?;
                give(&plain, tables).ok_or(Doubt::Malformed("texts"))?;
            }
        }
        if some.are_last {
            return Ok(());
        }
    }
}

/// Boxes that are opened together, by subject.
struct Batch {
    boxes: HashMap<String, Vec<Vec<u8>>>,
    are_last: bool,
}

impl Batch {
    fn read<R: Read>(source: &mut Source<R>, tables: &Tables) -> Result<Self, Doubt> {
        let mut boxes: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
        for _ in 0..OPENED {
            let length = source.length(1)?;
            if length == 0 {
                return Ok(Self { boxes, are_last: true });
            }
            let subject = subject(source.number()?, tables)?;
            boxes.entry(subject).or_default().push(source.take(length)?.to_vec());
        }
        Ok(Self { boxes, are_last: false })
    }
}

/// The subject of the organisation at a place, or of the platform.
fn subject(number: u32, tables: &Tables) -> Result<String, Doubt> {
    if number == 0 {
        return Ok(text_subject(None));
    }
    let at = At::of_number(number, tables.organizations.rows().len());
    let organization = at.and_then(|it| tables.organizations.get(it));
    organization.map(|it| text_subject(Some(it.id))).ok_or(Doubt::Malformed("texts"))
}

/// Gives the tokens in a box their texts; nothing where it holds something else.
fn give(mut plain: &[u8], tables: &mut Tables) -> Option<()> {
    while !plain.is_empty() {
        let number = take_number(&mut plain)?;
        let name = take_text(&mut plain)?;
        let external_id = match take_array::<1>(&mut plain)? {
            [0] => None,
            [1] => Some(Arc::from(take_text(&mut plain)?)),
            _ => return None,
        };
        let mut metadata = BTreeMap::new();
        for _ in 0..u16::from_be_bytes(take_array(&mut plain)?) {
            let key = take_text(&mut plain)?.to_owned();
            metadata.insert(key, take_text(&mut plain)?.to_owned());
        }
        let at = At::of_number(number, tables.tokens.rows().len())?;
        let name = tables.texts.name(name);
        let token = tables.tokens.get_mut(at)?;
        token.name = name;
        if external_id.is_some() || !metadata.is_empty() {
            let extras = token.extras.get_or_insert_default();
            extras.external_id = external_id;
            extras.metadata = Some(Arc::new(metadata)).filter(|it| !it.is_empty());
        }
    }
    Some(())
}

fn take_array<const N: usize>(plain: &mut &[u8]) -> Option<[u8; N]> {
    let (array, rest) = plain.split_first_chunk()?;
    *plain = rest;
    Some(*array)
}

fn take_number(plain: &mut &[u8]) -> Option<u32> {
    take_array(plain).map(u32::from_be_bytes)
}

fn take_text<'p>(plain: &mut &'p [u8]) -> Option<&'p str> {
    let length = usize::from(u16::from_be_bytes(take_array(plain)?));
    let (text, rest) = plain.split_at_checked(length)?;
    *plain = rest;
    std::str::from_utf8(text).ok()
}
