//! Reading single blocks of a segment, without all those before them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::block::Block;
use super::entry::{Entry, EntryKind, number};
use super::place::SegmentPlace;
use super::reader::{Entries, ReadError, Rows};
use super::record::{RecordedClient, RecordedDecision, Text};
use super::segment::{Token, names, next_text, open_boxes, open_client, tokens};
use crate::sealing::KeySet;

/// Some entries of one segment, learned from the blocks that added them, in any order.
///
/// Who wants rows of a block asks what those [`lack`](Self::lacks), finds the blocks that
/// [added](super::Header::added) it, [notes](Self::note) or [learns](Self::learn) them, and asks
/// again until nothing is lacking: three rounds at most.
pub struct Glossary {
    place: SegmentPlace,
    subjects: HashMap<u32, Arc<str>>,
    organizations: HashMap<u32, u128>,
    tokens: HashMap<u32, Token>,
    clients: HashMap<u32, Arc<RecordedClient>>,
    texts: HashMap<u32, Text>,
}

impl Glossary {
    /// Nothing is known of that segment yet.
    pub fn new(place: SegmentPlace) -> Self {
        Self {
            place,
            subjects: HashMap::new(),
            organizations: HashMap::new(),
            tokens: HashMap::new(),
            clients: HashMap::new(),
            texts: HashMap::new(),
        }
    }

    /// How many entries are known.
    pub fn len(&self) -> usize {
        let sealed = self.clients.len() + self.texts.len();
        self.subjects.len() + self.organizations.len() + self.tokens.len() + sealed
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in what a block adds in clear: subjects, organisations, tokens.
    ///
    /// # Errors
    /// When it is a block of another segment.
    pub fn note(&mut self, block: &Block) -> Result<(), ReadError> {
        self.check(block)?;
        let added = |kind| block.header.added(kind);
        self.subjects.extend(added(EntryKind::Subject).zip(names(&block.columns)));
        self.organizations.extend(block.organizations());
        self.tokens.extend(added(EntryKind::Token).zip(tokens(&block.columns)));
        Ok(())
    }

    /// The subjects that are lacking to [`learn`](Self::learn) a block that is noted.
    pub fn lacks_to_learn(&self, block: &Block) -> BTreeSet<Entry> {
        let columns = &block.columns;
        let numbers = columns.client_subjects.iter().chain(&columns.box_subjects);
        let numbers = numbers.filter_map(|it| u32::try_from(*it).ok());
        let lacking = numbers.filter(|it| !self.subjects.contains_key(it));
        lacking.map(|number| Entry { kind: EntryKind::Subject, number }).collect()
    }

    /// The subjects whose keys [`learn`](Self::learn) and [`read`](Self::read) need for a block,
    /// perhaps repeated.
    ///
    /// # Errors
    /// When a subject is lacking.
    pub fn subjects(&self, block: &Block) -> Result<Vec<Arc<str>>, ReadError> {
        let columns = &block.columns;
        columns.client_subjects.iter().chain(&columns.box_subjects).map(|it| self.name(*it)).collect()
    }

    /// Takes in all entries that a block adds.
    ///
    /// # Errors
    /// When it is a block of another segment, a subject is lacking, or something sealed is forged.
    pub fn learn(&mut self, block: &Block, keys: &KeySet) -> Result<(), ReadError> {
        self.note(block)?;
        let columns = &block.columns;
        let sealed = columns.client_subjects.iter().zip(&columns.client_sealed);
        for (at, (subject, sealed)) in block.header.added(EntryKind::Client).zip(sealed) {
            let client = open_client(self.place, at, self.name(*subject)?, sealed, keys)?;
            self.clients.insert(at, Arc::new(client));
        }
        let mut boxes = open_boxes(self.place, block, keys, |it| self.name(it))?;
        for (at, place) in block.header.added(EntryKind::Text).zip(&columns.text_boxes) {
            let place = usize::try_from(*place).map_err(|_| ReadError::Gap)?;
            let text = next_text(boxes.get_mut(place).ok_or(ReadError::Gap)?)?;
            self.texts.insert(at, text);
        }
        Ok(())
    }

    /// What some rows of a block, by their places in it, refer to that is not known. Where a token
    /// is lacking, its usual client and organisation are lacking only once it is known.
    pub fn lacks(&self, block: &Block, rows: &BTreeSet<usize>) -> BTreeSet<Entry> {
        let mut needed = BTreeSet::new();
        let mut need = |kind, number: Option<u32>| needed.extend(number.map(|number| Entry { kind, number }));
        let mut limits = block.columns.cost_limits.iter();
        for (place, row) in block.columns.rows.rows().enumerate() {
            let costs = limits.by_ref().take(usize::try_from(row.costs).unwrap_or_default());
            if !rows.contains(&place) {
                costs.for_each(drop);
                continue;
            }
            costs.for_each(|it| need(EntryKind::Text, u32::try_from(*it).ok()));
            for text in [row.permission, row.endpoint, row.service, row.environment] {
                need(EntryKind::Text, number(text));
            }
            need(EntryKind::Token, number(row.token));
            need(EntryKind::Token, number(row.caller));
            let usual = number(row.token).and_then(|it| self.tokens.get(&it));
            let usual = usual.map_or((0, 0), |it| (it.client, it.organization));
            need(EntryKind::Client, number(super::reader::beside(usual.0, row.client)));
            need(EntryKind::Organization, number(super::reader::beside(usual.1, row.organization)));
        }
        needed.retain(|it| !self.knows(*it));
        needed
    }

    /// Some rows of a block, by their places in it. What has no key in `keys` is given as erased.
    ///
    /// # Errors
    /// When something is lacking, the block contradicts itself, or something sealed is forged.
    pub fn read(
        &self,
        block: &Block,
        rows: &BTreeSet<usize>,
        keys: &KeySet,
    ) -> Result<Vec<RecordedDecision>, ReadError> {
        self.check(block)?;
        if !self.lacks(block, rows).is_empty() {
            return Err(ReadError::Gap);
        }
        let mut boxes = open_boxes(self.place, block, keys, |it| self.name(it))?;
        for place in &block.columns.text_boxes {
            let place = usize::try_from(*place).map_err(|_| ReadError::Gap)?;
            next_text(boxes.get_mut(place).ok_or(ReadError::Gap)?)?;
        }
        Rows::of(block).read_some(self, &mut boxes, |it| rows.contains(&it))
    }

    /// Whether an entry is known.
    pub fn knows(&self, entry: Entry) -> bool {
        let Entry { kind, number } = entry;
        match kind {
            EntryKind::Subject => self.subjects.contains_key(&number),
            EntryKind::Organization => self.organizations.contains_key(&number),
            EntryKind::Token => self.tokens.contains_key(&number),
            EntryKind::Client => self.clients.contains_key(&number),
            EntryKind::Text => self.texts.contains_key(&number),
        }
    }

    fn check(&self, block: &Block) -> Result<(), ReadError> {
        if block.header.place == self.place { Ok(()) } else { Err(ReadError::Gap) }
    }

    fn name(&self, number: u64) -> Result<Arc<str>, ReadError> {
        let number = u32::try_from(number).map_err(|_| ReadError::Gap)?;
        self.subjects.get(&number).cloned().ok_or(ReadError::Gap)
    }
}

impl Entries for Glossary {
    fn token(&self, reference: u64) -> Option<&Token> {
        self.tokens.get(&number(reference)?)
    }

    fn organization(&self, reference: u64) -> Option<u128> {
        self.organizations.get(&number(reference)?).copied()
    }

    fn client(&self, reference: u64) -> Option<Arc<RecordedClient>> {
        self.clients.get(&number(reference)?).cloned()
    }

    fn text(&self, reference: u64) -> Option<Text> {
        self.texts.get(&number(reference)?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::*;
    use super::super::*;
    use super::*;

    /// Reads rows of a block with nothing but what they need; answers how many blocks were looked at.
    fn read_alone(
        blocks: &[Block],
        at: usize,
        rows: &BTreeSet<usize>,
        keep: fn(&str) -> bool,
    ) -> (Vec<RecordedDecision>, BTreeSet<usize>) {
        let mut glossary = Glossary::new(blocks[at].header().place);
        let (mut looked_at, mut wanted) = (BTreeSet::from([at]), BTreeSet::new());
        let adds = |entry: Entry| {
            blocks.iter().position(|it| it.header().added(entry.kind).contains(&entry.number)).unwrap()
        };
        let keys = |subjects: Vec<Arc<str>>| {
            let kept: BTreeSet<_> = subjects.into_iter().filter(|it| keep(it)).collect();
            keys_of(&kept.into_iter().collect::<Vec<_>>())
        };
        loop {
            wanted.insert(at);
            for it in &wanted {
                glossary.note(&blocks[*it]).unwrap();
                for subject in glossary.lacks_to_learn(&blocks[*it]) {
                    looked_at.insert(adds(subject));
                    glossary.note(&blocks[adds(subject)]).unwrap();
                }
                let keys = keys(glossary.subjects(&blocks[*it]).unwrap());
                glossary.learn(&blocks[*it], &keys).unwrap();
            }
            looked_at.append(&mut wanted);
            wanted = glossary.lacks(&blocks[at], rows).into_iter().map(adds).collect();
            if wanted.is_empty() {
                let keys = keys(glossary.subjects(&blocks[at]).unwrap());
                return (glossary.read(&blocks[at], rows, &keys).unwrap(), looked_at);
            }
        }
    }

    fn blocks_of(decisions: &[Owned], every: usize) -> Vec<Block> {
        let mut lane = Lane::default();
        lane.write(&mut SegmentWriter::new(START, 3, 1), decisions, every);
        lane.blocks.values().map(|it| Block::decode(it).unwrap()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn single_rows_of_single_blocks_read_as_when_all_is_read(
            decisions in vec(decision(), 1..60), every in 1_usize..9, at: prop::sample::Index,
            rows: Vec<prop::sample::Index>,
        ) {
            let keep = |subject: &str| subject != "mem_a" && subject != "org_2";
            let blocks = blocks_of(&decisions, every);
            let at = at.index(blocks.len());
            let size = blocks[at].header().rows as usize;
            let rows: BTreeSet<usize> = rows.into_iter().map(|it| it.index(size)).collect();
            let (read, _) = read_alone(&blocks, at, &rows, keep);
            let expected: Vec<_> =
                rows.iter().map(|row| decisions[at * every + row].recorded(keep)).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn references_are_those_of_the_rows(decisions in vec(decision(), 1..60), every in 1_usize..9) {
            let blocks = blocks_of(&decisions, every);
            let tokens: Vec<TokenEntry> = blocks.iter().flat_map(Block::tokens).collect();
            let organizations: Vec<(u32, u128)> = blocks.iter().flat_map(Block::organizations).collect();
            let token = |it: Option<u32>| it.map(|it| tokens[it as usize]);
            let references = blocks.iter().flat_map(Block::references);
            for (row, decision) in references.zip(&decisions) {
                prop_assert_eq!((row.time_us, row.counter), (decision.time_us, decision.counter));
                prop_assert_eq!(token(row.token).map(|it| it.credential), decision.token);
                prop_assert_eq!(token(row.caller).map(|it| it.credential), decision.caller);
                prop_assert_eq!((row.outcome, row.count), (decision.outcome, decision.count));
                let organization = match row.organization {
                    Beside::Usual => token(row.token).and_then(|it| it.organization),
                    Beside::None => None,
                    Beside::Number(it) => Some(it),
                };
                let id = organization.map(|it| organizations[it as usize].1);
                prop_assert_eq!(id, decision.organization.as_ref().map(|it| it.0));
                prop_assert_eq!(row.permission.is_some(), decision.permission.is_some());
                prop_assert_eq!(row.has_client_request_id, decision.client_request_id.is_some());
            }
        }
    }

    #[test]
    fn a_row_needs_only_the_blocks_that_added_what_it_names() {
        let mut decisions = some_decisions(40);
        for decision in &mut decisions {
            decision.token = Some(Credential { token: 1, secret: 1 });
            (decision.caller, decision.client, decision.permission) = (decision.token, None, None);
            (decision.endpoint, decision.service, decision.environment) = (None, None, None);
            (decision.organization, decision.client_request_id) = (None, None);
            decision.costs.clear();
        }
        decisions[7].permission = Some("a:read".to_owned());
        decisions[39].permission = Some("a:read".to_owned());
        let blocks = blocks_of(&decisions, 1);
        let (_, looked_at) = read_alone(&blocks, 39, &BTreeSet::from([0]), |_| true);
        assert_eq!(looked_at, BTreeSet::from([0, 7, 39]));
    }

    #[test]
    fn a_block_of_another_segment_is_refused() {
        let block = &blocks_of(&some_decisions(1), 1)[0];
        let mut glossary = Glossary::new(SegmentPlace { segment: 9, ..block.header().place });
        assert_eq!(glossary.note(block), Err(ReadError::Gap));
        assert!(glossary.is_empty());
    }
}
