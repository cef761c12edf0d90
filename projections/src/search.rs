//! Finding a part of a text, the same way on every engine.
//!
//! A row keeps, in one column, all that it is found by: folded to lower case, its parts separated. What is
//! looked for is folded the same way and becomes a `LIKE … ESCAPE '\'` pattern.

/// Stands between the parts, and in none of them: U+001F, the unit separator.
const BETWEEN: char = '\u{1f}';

/// Folds a text so that capital and small letters are the same: character by character, so that a part of
/// a text folds to a part of the folded text.
pub(crate) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The column of a row that is found by a part of any of these.
pub(crate) fn haystack<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut haystack = String::new();
    for part in parts {
        haystack.extend(apart(part).chars().flat_map(char::to_lowercase));
        haystack.push(BETWEEN);
    }
    haystack
}

/// The pattern that such a column has if a part of it holds the needle.
pub(crate) fn pattern(needle: &str) -> String {
    let mut pattern = String::from("%");
    for it in fold(&apart(needle)).chars() {
        if matches!(it, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(it);
    }
    pattern.push('%');
    pattern
}

/// The column of a row that has exactly these words, as they are written.
pub(crate) fn word_set<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut set = String::from(BETWEEN);
    for word in words {
        set.push_str(&apart(word));
        set.push(BETWEEN);
    }
    set
}

/// What such a column holds if the word is one of its words.
pub(crate) fn word(word: &str) -> String {
    format!("{BETWEEN}{}{BETWEEN}", apart(word))
}

fn apart(text: &str) -> String {
    text.replace(BETWEEN, " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_part_of_a_text_folds_to_a_part_of_the_folded_text(text in ".{0,20}", from in 0_usize..20, length in 0_usize..20) {
            let part: String = text.chars().skip(from).take(length).collect();
            prop_assert!(haystack([text.as_str()]).contains(&fold(&part).replace(BETWEEN, " ")));
        }
    }

    #[test]
    fn what_like_would_read_as_a_pattern_is_taken_as_it_is() {
        assert_eq!(pattern(r"50%_\A"), r"%50\%\_\\a%");
    }

    #[test]
    fn a_needle_never_spans_two_parts() {
        let haystack = haystack(["ci", "prod"]);
        assert!(!haystack.contains(&fold(&apart("ci\u{1f}prod"))));
    }

    #[test]
    fn a_word_is_found_whole_or_not_at_all() {
        let set = word_set(["ci", "Prod"]);
        assert!(set.contains(&word("ci")) && set.contains(&word("Prod")));
        assert!(!set.contains(&word("c")) && !set.contains(&word("prod")) && !set.contains(&word("")));
    }
}
