//! Every acceptance criterion of the requirements has a scenario, or is listed as lacking one.
//!
//! A scenario of criterion 4.2 is a test whose name begins with `r4_2_`.

use std::collections::BTreeSet;

use super::tree::{files, text};

const ALL: &str = "tests/criteria.txt";
const WITHOUT: &str = "tests/criteria_without_scenario.txt";

/// The numbers of a committed list: the first word of each line, `#` begins a comment.
fn listed(path: &str) -> Vec<String> {
    let text = text(path).unwrap_or_else(|| panic!("{path} is missing"));
    let lines = text.lines().filter(|it| !it.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The criterion of a test's name: `4.2` of `r4_2_exceeding_a_limit_says_when_it_resets`.
fn criterion(name: &str) -> Option<String> {
    let mut parts = name.strip_prefix('r')?.splitn(3, '_');
    let (requirement, number, sentence) = (parts.next()?, parts.next()?, parts.next()?);
    let digit =
        |it: &str, range| it.parse::<u8>().is_ok_and(|it| std::ops::RangeInclusive::contains(&range, &it));
    (digit(requirement, 1..=9) && digit(number, 1..=5) && !sentence.is_empty())
        .then(|| format!("{requirement}.{number}"))
}

/// The names of the tests in `text`: functions with an attribute that ends with `test`.
fn tests(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut marked = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            let attribute = line.trim_start_matches("#[");
            let path = attribute.split(['(', ']']).next().unwrap_or_default();
            marked |= path == "test" || path.ends_with("::test");
            continue;
        }
        if let Some((_, rest)) = line.split_once("fn ")
            && std::mem::take(&mut marked)
        {
            names.extend(rest.split('(').next());
        }
    }
    names
}

fn with_scenario() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files(&[".rs"]) {
        if file.path.starts_with("tests/") {
            found.extend(tests(&file.text).into_iter().filter_map(criterion));
        }
    }
    found
}

#[test]
fn all_criteria_are_listed_once_and_in_order() {
    let expected: Vec<_> =
        (1..=9).flat_map(|requirement| (1..=5).map(move |it| format!("{requirement}.{it}"))).collect();
    assert_eq!(listed(ALL), expected);
}

#[test]
fn the_criteria_without_a_scenario_are_those_of_the_committed_list() {
    let with = with_scenario();
    let without: Vec<_> = listed(ALL).into_iter().filter(|it| !with.contains(it)).collect();
    assert_eq!(
        without,
        listed(WITHOUT),
        "left: the criteria without a scenario; right: {WITHOUT}, which must say the same"
    );
}

#[test]
fn a_scenario_is_known_by_its_name() {
    assert_eq!(criterion("r4_2_exceeding_a_limit").as_deref(), Some("4.2"));
    for name in ["r4_2", "r0_1_x", "r1_6_x", "r10_1_x", "revoking_twice", "r4_2_"] {
        assert_eq!(criterion(name), None, "{name}");
    }
}

#[test]
fn only_tests_count() {
    let text = "#[tokio::test(flavor = \"x\")]\n#[expect(a)]\nasync fn r1_1_a() {}\nfn r1_2_b() {}\n\
                #[test]\nfn r1_3_c() {}\n#[cfg(test)]\nfn r1_4_d() {}\n";
    assert_eq!(tests(text), ["r1_1_a", "r1_3_c"]);
}
