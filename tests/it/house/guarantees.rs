//! The page of guarantees names only tests that there are.

use std::collections::BTreeSet;

use super::tree::{files, hold, text};

const PAGE: &str = "docs/guarantees.md";

/// The names in backticks of the last column of the page's table.
fn named(page: &str) -> Vec<(String, Vec<String>)> {
    let rows = page.lines().filter(|it| it.starts_with("| **"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let names = cells.last().unwrap_or(&"").split('`').skip(1).step_by(2);
        (cells.first().unwrap_or(&"").trim().to_owned(), names.map(str::to_owned).collect())
    })
    .collect()
}

/// The names of all functions.
fn functions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(&[".rs"]) {
        for line in file.text.lines() {
            let Some((_, rest)) = line.split_once("fn ") else { continue };
            let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
            found.insert(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    found
}

#[test]
fn every_guarantee_is_held_by_tests_that_exist() {
    let page = text(PAGE).unwrap();
    let (guarantees, functions) = (named(&page), functions());
    assert!(10 <= guarantees.len(), "the table is found");
    let mut broken = Vec::new();
    for (promise, names) in guarantees {
        if names.is_empty() {
            broken.push(format!("{promise} is held by nothing"));
        }
        broken.extend(
            names.iter().filter(|it| !functions.contains(*it)).map(|it| format!("{promise} names {it}")),
        );
    }
    hold("a guarantee names a test that is not there:", &broken);
}

#[test]
fn a_row_names_what_stands_in_backticks_in_its_last_cell() {
    let page = "| **A** | `x` | y | `b_c`, `d` |\n| none | - |\n| **E** | f | g | by hand |";
    assert_eq!(
        named(page),
        [("**A**".to_owned(), vec!["b_c".to_owned(), "d".to_owned()]), ("**E**".to_owned(), vec![])]
    );
}
