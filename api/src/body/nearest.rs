//! The known name that somebody probably meant.

/// The name among `known` that differs least from `asked`, if it differs by at most a third.
pub(crate) fn nearest<'a>(asked: &str, known: &[&'a str]) -> Option<&'a str> {
    /// Longer names are no typing mistakes, and comparing them costs.
    const LONGEST: usize = 64;
    if LONGEST < asked.len() {
        return None;
    }
    let bound = asked.chars().count().max(3) / 3;
    let (best, name) = known.iter().map(|name| (distance(asked, name), *name)).min()?;
    (best <= bound).then_some(name)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `left` into `right`
/// (optimal string alignment), case apart.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().collect();
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, &l) in left.iter().enumerate() {
        let mut line = vec![row + 1];
        let mut last = None;
        for (column, &r) in right.iter().enumerate() {
            let replaced = at(&above, column) + usize::from(l != r);
            let shifted = at(&above, column + 1).min(at(&line, column)) + 1;
            let mut cost = replaced.min(shifted);
            if previous == Some(r) && last == Some(l) && 0 < column {
                cost = cost.min(at(&before, column - 1) + 1);
            }
            line.push(cost);
            last = Some(r);
        }
        before = above;
        above = line;
        previous = Some(l);
    }
    at(&above, right.len())
}

/// Reads a cell of the table; every cell that is asked for has been written.
fn at(line: &[usize], column: usize) -> usize {
    line.get(column).copied().unwrap_or(usize::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["name", "scopes", "expires_in", "expires_at", "allowed_ips"];

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        assert_eq!(nearest("naem", KNOWN), Some("name"));
        assert_eq!(nearest("scope", KNOWN), Some("scopes"));
        assert_eq!(nearest("Expires_In", KNOWN), Some("expires_in"));
        assert_eq!(nearest("allowedIps", KNOWN), Some("allowed_ips"));
    }

    #[test]
    fn another_word_is_not_guessed_at() {
        assert_eq!(nearest("colour", KNOWN), None);
        assert_eq!(nearest(&"x".repeat(5_000), KNOWN), None);
        assert_eq!(nearest("name", &[]), None);
    }
}
