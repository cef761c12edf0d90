//! Short texts, one after the other: without what an allocation for each would cost.

/// Bytes of a chunk: so that each start within it is below 2¹⁶.
const CHUNK: usize = 64 * 1024;

/// Where a text lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextAt {
    chunk: u32,
    start: u16,
    length: u16,
}

/// Texts that are added and never taken away.
#[derive(Default)]
pub(crate) struct Texts {
    chunks: Vec<String>,
}

impl TextAt {
    /// No text, which is not the empty one.
    pub(crate) const NONE: Self = Self { chunk: u32::MAX, start: 0, length: 0 };
}

impl Texts {
    /// Adds a text, of at most 65,535 bytes; a longer one is cut, and no record that long is ever stored.
    pub(crate) fn add(&mut self, text: &str) -> TextAt {
        let text = text.get(..text.floor_char_boundary(usize::from(u16::MAX))).unwrap_or(text);
        if self.chunks.last().is_none_or(|it| CHUNK <= it.len() + text.len()) {
            self.chunks.push(String::with_capacity(CHUNK));
        }
        let chunk = self.chunks.len() - 1;
        let Some(last) = self.chunks.last_mut() else { return TextAt::NONE };
        let at = (u32::try_from(chunk), u16::try_from(last.len()), u16::try_from(text.len()));
        let (Ok(chunk), Ok(start), Ok(length)) = at else { return TextAt::NONE };
        last.push_str(text);
        TextAt { chunk, start, length }
    }

    /// The text, if there is one.
    pub(crate) fn get(&self, at: TextAt) -> Option<&str> {
        let start = usize::from(at.start);
        self.chunks.get(at.chunk as usize)?.get(start..start + usize::from(at.length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_read_as_they_were_added(texts in prop::collection::vec(".{0,300}", 0..500)) {
            let mut all = Texts::default();
            let places: Vec<TextAt> = texts.iter().map(|it| all.add(it)).collect();
            for (text, at) in texts.iter().zip(places) {
                prop_assert_eq!(all.get(at), Some(text.as_str()));
            }
            prop_assert_eq!(all.get(TextAt::NONE), None);
        }
    }

    #[test]
    fn the_longest_text_and_the_shortest_fit() {
        let mut all = Texts::default();
        let (long, none) = ("a".repeat(65_535), "");
        let places = [all.add(&long), all.add("b"), all.add(none), all.add("c")];
        let read: Vec<&str> = places.iter().filter_map(|it| all.get(*it)).collect();
        assert_eq!(read, [&long, "b", none, "c"]);
    }
}
