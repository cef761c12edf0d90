//! What a reader knows of one segment: all that its blocks have numbered so far.

use std::sync::Arc;

use super::block::{Block, Columns};
use super::entry::number;
use super::header::{Numbered, Numbering};
use super::packing::Unpacker;
use super::place::SegmentPlace;
use super::reader::{Entries, ReadError};
use super::record::{Opened, RecordedClient, Text};
use super::sealed::{read_client_entry, read_text_box};
use super::writer::MAX_ENTRY_BYTES;
use super::{BlockError, Credential};
use crate::sealing::{KeySet, open_entry};

pub(super) struct Token {
    pub(super) credential: Credential,
    /// 0 for none, or one more than the number; so is the client.
    pub(super) organization: u64,
    pub(super) client: u64,
}

struct SegmentText {
    subject: u64,
    text: Text,
}

/// The entries of a segment up to a block.
pub(super) struct Segment {
    pub(super) place: SegmentPlace,
    pub(super) next_index: u32,
    subjects: Vec<Arc<str>>,
    organizations: Vec<u128>,
    tokens: Vec<Token>,
    clients: Vec<Arc<RecordedClient>>,
    texts: Vec<SegmentText>,
    /// Bytes of clients and texts in clear.
    bytes: usize,
}

/// The callers' request ids of one block, by box, in order of the rows.
pub(super) type RequestIds = Vec<Opened<std::vec::IntoIter<Box<str>>>>;

impl Segment {
    pub(super) fn new(place: SegmentPlace) -> Self {
        Self {
            place,
            next_index: 0,
            subjects: Vec::new(),
            organizations: Vec::new(),
            tokens: Vec::new(),
            clients: Vec::new(),
            texts: Vec::new(),
            bytes: 0,
        }
    }

    /// Takes in the entries of the segment's next block. After an error the segment must not be
    /// used any more.
    pub(super) fn learn(&mut self, block: &Block, keys: &KeySet) -> Result<RequestIds, ReadError> {
        if !self.is_continued_by(&block.header.numbering) {
            return Err(ReadError::Gap);
        }
        let columns = &block.columns;
        self.subjects.extend(names(columns));
        self.organizations.extend(&columns.organization_ids);
        self.tokens.extend(tokens(columns));
        self.learn_clients(columns, keys)?;
        let ids = self.learn_texts(block, keys)?;
        if self.bytes > MAX_ENTRY_BYTES {
            return Err(BlockError::TooLarge.into());
        }
        self.next_index = block.header.index.saturating_add(1);
        Ok(ids)
    }

    fn is_continued_by(&self, numbering: &Numbering) -> bool {
        let known = [
            self.subjects.len(),
            self.organizations.len(),
            self.tokens.len(),
            self.clients.len(),
            self.texts.len(),
        ];
        let Numbering { subjects, organizations, tokens, clients, texts } = numbering;
        let before = [subjects, organizations, tokens, clients, texts].map(|it| it.before as usize);
        known == before
    }

    fn learn_clients(&mut self, columns: &Columns, keys: &KeySet) -> Result<(), ReadError> {
        for (number, sealed) in columns.client_subjects.iter().zip(&columns.client_sealed) {
            let client = u32::try_from(self.clients.len()).map_err(|_| ReadError::Gap)?;
            let client = open_client(self.place, client, self.name(*number)?, sealed, keys)?;
            self.bytes += sealed.len();
            self.clients.push(Arc::new(client));
        }
        Ok(())
    }

    fn learn_texts(&mut self, block: &Block, keys: &KeySet) -> Result<RequestIds, ReadError> {
        let columns = &block.columns;
        let mut boxes = open_boxes(self.place, block, keys, |it| self.name(it))?;
        for place in &columns.text_boxes {
            let place = usize::try_from(*place).map_err(|_| ReadError::Gap)?;
            let texts = boxes.get_mut(place).ok_or(ReadError::Gap)?;
            let subject = columns.box_subjects.get(place).copied().unwrap_or_default();
            let text = next_text(texts)?;
            if let Opened::Open(text) = &text {
                self.bytes += text.len();
            }
            self.texts.push(SegmentText { subject, text });
        }
        Ok(boxes)
    }

    /// The subjects whose keys open the entries of `block`, which continues this segment.
    pub(super) fn subjects_of(&self, block: &Block) -> Result<Vec<Arc<str>>, ReadError> {
        let columns = &block.columns;
        let added: Vec<Arc<str>> = names(columns).collect();
        let numbers = columns.client_subjects.iter().chain(&columns.box_subjects);
        let name = |number: &u64| {
            let place = usize::try_from(*number).map_err(|_| ReadError::Gap)?;
            let known = self.subjects.get(place);
            let name = known.or_else(|| added.get(place.checked_sub(self.subjects.len())?));
            name.cloned().ok_or(ReadError::Gap)
        };
        numbers.map(name).collect()
    }

    /// Blanks all that was sealed under `subject`.
    pub(super) fn forget(&mut self, subject: &str) {
        for client in self.clients.iter_mut().filter(|it| &*it.subject == subject) {
            let subject = Arc::clone(&client.subject);
            *client = Arc::new(RecordedClient { subject, details: Opened::Erased });
        }
        let number = self.subjects.iter().position(|it| &**it == subject);
        let Some(number) = number.map(|it| it as u64) else {
            return;
        };
        for text in self.texts.iter_mut().filter(|it| it.subject == number) {
            text.text = Opened::Erased;
        }
    }

    /// The clients that a block added.
    pub(super) fn clients_of(&self, added: Numbered) -> Vec<Arc<RecordedClient>> {
        self.clients.iter().skip(added.before as usize).take(added.added as usize).cloned().collect()
    }

    fn name(&self, number: u64) -> Result<Arc<str>, ReadError> {
        let place = usize::try_from(number).map_err(|_| ReadError::Gap)?;
        self.subjects.get(place).cloned().ok_or(ReadError::Gap)
    }
}

impl Entries for Segment {
    fn token(&self, reference: u64) -> Option<&Token> {
        self.tokens.get(number(reference)? as usize)
    }

    fn organization(&self, reference: u64) -> Option<u128> {
        self.organizations.get(number(reference)? as usize).copied()
    }

    fn client(&self, reference: u64) -> Option<Arc<RecordedClient>> {
        self.clients.get(number(reference)? as usize).cloned()
    }

    fn text(&self, reference: u64) -> Option<Text> {
        self.texts.get(number(reference)? as usize).map(|it| it.text.clone())
    }
}

pub(super) fn names(columns: &Columns) -> impl Iterator<Item = Arc<str>> + '_ {
    // Decoding a block has refused subjects that are no text.
    columns.subjects.iter().map(|it| std::str::from_utf8(it).unwrap_or_default().into())
}

pub(super) fn tokens(columns: &Columns) -> impl Iterator<Item = Token> + '_ {
    let ids = columns.token_ids.iter().zip(&columns.token_secrets);
    let usual = columns.token_organizations.iter().zip(&columns.token_clients);
    ids.zip(usual).map(|((token, secret), (organization, client))| Token {
        credential: Credential { token: *token, secret: *secret },
        organization: *organization,
        client: *client,
    })
}

/// The next string of a box, which must have one.
pub(super) fn next_text(texts: &mut Opened<std::vec::IntoIter<Box<str>>>) -> Result<Text, ReadError> {
    match texts {
        Opened::Erased => Ok(Opened::Erased),
        Opened::Open(texts) => match texts.next() {
            Some(text) => Ok(Opened::Open(text.into())),
            None => Err(BlockError::Malformed("a box holds too few texts").into()),
        },
    }
}

/// Opens the entry of the client `number` of a segment.
pub(super) fn open_client(
    place: SegmentPlace,
    number: u32,
    subject: Arc<str>,
    sealed: &[u8],
    keys: &KeySet,
) -> Result<RecordedClient, ReadError> {
    let details = match open(keys, &subject, &place.client_nonce(number), sealed)? {
        Opened::Open(plain) => Opened::Open(read_client_entry(&plain)?),
        Opened::Erased => Opened::Erased,
    };
    Ok(RecordedClient { subject, details })
}

/// Opens the boxes of a block of a segment whose subjects have these names.
pub(super) fn open_boxes(
    place: SegmentPlace,
    block: &Block,
    keys: &KeySet,
    name: impl Fn(u64) -> Result<Arc<str>, ReadError>,
) -> Result<RequestIds, ReadError> {
    let mut unpacker = Unpacker::new();
    let columns = &block.columns;
    let boxes = columns.box_subjects.iter().zip(&columns.box_sealed).map(|(number, sealed)| {
        let subject = name(*number)?;
        let short = u32::try_from(*number).map_err(|_| ReadError::Gap)?;
        let nonce = place.texts_nonce(block.header.index, short);
        Ok(match open(keys, &subject, &nonce, sealed)? {
            Opened::Open(plain) => Opened::Open(read_text_box(&plain, &mut unpacker)?.into_iter()),
            Opened::Erased => Opened::Erased,
        })
    });
    boxes.collect()
}

fn open(keys: &KeySet, subject: &str, nonce: &[u8; 24], sealed: &[u8]) -> Result<Opened<Vec<u8>>, ReadError> {
    let Some(key) = keys.get(subject) else {
        return Ok(Opened::Erased);
    };
    match open_entry(key, subject, nonce, sealed) {
        Ok(plain) => Ok(Opened::Open(plain)),
        Err(_) => Err(ReadError::Forged { subject: subject.to_owned() }),
    }
}
