//! Short texts, one after the other: without what an allocation for each would cost.

use std::sync::Arc;

/// Bytes of a chunk: so that each start within it is below 2¹⁶.
const CHUNK: usize = 64 * 1024;

/// Bytes of a name that stand in its row.
const SHORT: usize = 22;

/// A name for people: a short one is here, a long one among [`Texts`]. Both take as much room as a `String`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Name {
    /// No name, which is not the empty one.
    Erased,
    /// The bytes of a name, and how many count.
    Short(u8, [u8; SHORT]),
    /// Where the name lies.
    Long(TextAt),
}

/// Where a text lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextAt {
    chunk: u32,
    start: u16,
    length: u16,
}

/// Texts that are added, and stay where they are. A clone shares all but the last chunk.
#[derive(Default, Clone)]
pub(crate) struct Texts {
    full: Vec<Arc<[u8]>>,
    last: Vec<u8>,
}

impl Texts {
    /// The name of that text, of at most 65,535 bytes: no record is long enough to hold a longer one.
    pub(crate) fn name(&mut self, text: &str) -> Name {
        let mut short = [0; SHORT];
        match (short.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Name::Short(length, short)
            }
            _ => self.add(text).map_or(Name::Erased, Name::Long),
        }
    }

    /// The text of a name, if there is one.
    pub(crate) fn text<'a>(&'a self, name: &'a Name) -> Option<&'a str> {
        match name {
            Name::Erased => None,
            Name::Short(length, bytes) => std::str::from_utf8(bytes.get(..usize::from(*length))?).ok(),
            Name::Long(at) => self.get(*at),
        }
    }

    /// Takes a name away, and its bytes with it.
    pub(crate) fn erase(&mut self, name: &mut Name) {
        if let Name::Long(at) = std::mem::replace(name, Name::Erased) {
            self.overwrite(at);
        }
    }

    fn overwrite(&mut self, at: TextAt) {
        let (start, length) = (usize::from(at.start), usize::from(at.length));
        let chunk = match self.full.get_mut(at.chunk as usize) {
            Some(chunk) => Arc::make_mut(chunk),
            None => &mut self.last[..],
        };
        chunk.iter_mut().skip(start).take(length).for_each(|it| *it = b' ');
    }

    fn add(&mut self, text: &str) -> Option<TextAt> {
        if CHUNK <= self.last.len() + text.len() && !self.last.is_empty() {
            self.full.push(std::mem::take(&mut self.last).into());
        }
        if self.last.capacity() == 0 {
            self.last.reserve_exact(CHUNK);
        }
        let chunk = u32::try_from(self.full.len()).ok()?;
        let (start, length) = (u16::try_from(self.last.len()).ok()?, u16::try_from(text.len()).ok()?);
        self.last.extend_from_slice(text.as_bytes());
        Some(TextAt { chunk, start, length })
    }

    fn get(&self, at: TextAt) -> Option<&str> {
        let start = usize::from(at.start);
        let chunk = self.full.get(at.chunk as usize).map_or(&self.last[..], |it| it);
        std::str::from_utf8(chunk.get(start..start + usize::from(at.length))?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_are_read_as_they_were_given(given in prop::collection::vec(".{0,100}", 0..500)) {
            let mut texts = Texts::default();
            let names: Vec<Name> = given.iter().map(|it| texts.name(it)).collect();
            for (text, name) in given.iter().zip(names) {
                prop_assert_eq!(texts.text(&name), Some(text.as_str()));
            }
            prop_assert_eq!(texts.text(&Name::Erased), None);
        }
    }

    #[test]
    fn an_erased_name_leaves_nothing_and_its_neighbours_stay() {
        let mut texts = Texts::default();
        let mut names: Vec<Name> = ["é", "ü", "ß"].map(|it| texts.name(&it.repeat(40))).into();
        texts.erase(&mut names[1]);
        let read: Vec<Option<&str>> = names.iter().map(|it| texts.text(it)).collect();
        assert_eq!(read, [Some("é".repeat(40).as_str()), None, Some("ß".repeat(40).as_str())]);
        let kept: Vec<u8> = texts.full.iter().flat_map(|it| it.to_vec()).chain(texts.last).collect();
        assert!(!String::from_utf8(kept).unwrap().contains('ü'));
    }

    #[test]
    fn the_longest_text_and_the_shortest_fit() {
        let mut texts = Texts::default();
        let (long, next) = ("a".repeat(65_535), "b".repeat(23));
        let names = [texts.name(&long), texts.name(&next), texts.name(""), texts.name(&next[..22])];
        let read: Vec<&str> = names.iter().filter_map(|it| texts.text(it)).collect();
        assert_eq!(read, [&long, &next, "", &next[..22]]);
        assert_eq!(size_of::<Name>(), size_of::<String>());
    }
}
