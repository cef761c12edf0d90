//! What came of it, for people as a table and for programs as one JSON object.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::access_log::Unread;

/// Entries of a list that the table shows; the JSON object has all.
const SHOWN: usize = 20;

/// What came of it.
#[derive(Serialize)]
pub(super) struct Report {
    /// The slug of the organization that was made.
    pub(super) organization: String,
    /// Lines of the file.
    pub(super) lines: usize,
    /// Those that could not be asked about.
    pub(super) unreadable: Vec<Unread>,
    /// The numbers of those that end within a field, and were asked about as far as they go.
    pub(super) cut_short: Vec<usize>,
    /// The tokens.
    pub(super) tokens: TokensReport,
    /// The passes, before and after half of the tokens were revoked.
    pub(super) passes: [PassReport; 2],
    /// What the server has recorded of both passes.
    pub(super) recorded: RecordReport,
    /// Whether the server's answers and records are those that the file demands.
    pub(super) agrees: bool,
    /// In what they differ.
    pub(super) differences: Vec<String>,
}

/// Tokens, counted from the file and from the server.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct TokensReport {
    /// Client networks in the file.
    pub(super) networks: usize,
    /// Tokens that the server lists.
    pub(super) issued: usize,
    /// Networks whose token was to be revoked.
    pub(super) to_revoke: usize,
    /// Tokens that the server lists as revoked.
    pub(super) revoked: usize,
}

/// One pass over the file.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct PassReport {
    /// Lines by the code that they should meet, counted from the file.
    pub(super) expected: BTreeMap<String, usize>,
    /// Lines by the code that the server answered.
    pub(super) answered: BTreeMap<String, usize>,
    /// How long it took.
    pub(super) milliseconds: u128,
}

/// What is recorded of both passes.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct RecordReport {
    /// Lines by the code that should be recorded, counted from the file.
    pub(super) expected: BTreeMap<String, usize>,
    /// Lines by the code that is recorded.
    pub(super) recorded: BTreeMap<String, usize>,
    /// Client addresses in the file.
    pub(super) expected_addresses: usize,
    /// Client addresses that are recorded.
    pub(super) recorded_addresses: usize,
    /// Those of the file that are recorded as often as they stand there.
    pub(super) agreeing_addresses: usize,
    /// Decisions about a question that was asked again, because its connection broke.
    pub(super) again: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "organization {}, {} lines", self.organization, self.lines)?;
        self.oddities(f)?;
        let TokensReport { networks, issued, to_revoke, revoked } = self.tokens;
        row(f, "", "file", "server")?;
        row(f, "networks, tokens issued", networks, issued)?;
        row(f, "networks, tokens revoked", to_revoke, revoked)?;
        for (number, pass) in (1..).zip(&self.passes) {
            pass.table(f, number)?;
        }
        self.recorded.table(f)?;
        self.verdict(f)
    }
}

impl Report {
    fn oddities(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.cut_short.is_empty() {
            let numbers: Vec<String> = self.cut_short.iter().map(ToString::to_string).collect();
            writeln!(f, "{} cut short within the last field, taken as far as they go:", numbers.len())?;
            list(f, &numbers, |it| format!("line {it}"))?;
        }
        if !self.unreadable.is_empty() {
            writeln!(f, "{} could not be read and were left out:", self.unreadable.len())?;
            list(f, &self.unreadable, |it| format!("line {}: {}", it.line, it.reason))?;
        }
        Ok(())
    }

    fn verdict(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.agrees {
            return f.write_str("the server and the file agree");
        }
        writeln!(f, "the server and the file differ in {}:", self.differences.len())?;
        list(f, &self.differences, Clone::clone)
    }
}

impl RecordReport {
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, recorded, expected_addresses, recorded_addresses, agreeing_addresses, again } =
            self;
        writeln!(f, "recorded, read back from the audit: {} decisions", recorded.values().sum::<usize>())?;
        table(f, expected, recorded)?;
        row(f, "addresses", expected_addresses, recorded_addresses)?;
        row(f, "addresses, as often", expected_addresses, agreeing_addresses)?;
        if 0 < *again { row(f, "asked again", "", again) } else { Ok(()) }
    }
}

/// A row for each code.
fn table(
    f: &mut fmt::Formatter<'_>,
    file: &BTreeMap<String, usize>,
    server: &BTreeMap<String, usize>,
) -> fmt::Result {
    let codes: std::collections::BTreeSet<&String> = file.keys().chain(server.keys()).collect();
    let times = |of: &BTreeMap<String, usize>, code| of.get(code).copied().unwrap_or_default();
    codes.into_iter().try_for_each(|it| row(f, it, times(file, it), times(server, it)))
}

impl PassReport {
    fn table(&self, f: &mut fmt::Formatter<'_>, number: usize) -> fmt::Result {
        let lines: usize = self.answered.values().sum();
        let rate = lines as u128 * 1000 / self.milliseconds.max(1);
        writeln!(f, "pass {number}: {lines} verified in {} ms, {rate} a second", self.milliseconds)?;
        table(f, &self.expected, &self.answered)
    }
}

fn row(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    file: impl fmt::Display,
    server: impl fmt::Display,
) -> fmt::Result {
    writeln!(f, "  {what:<26}{file:>10}{server:>10}")
}

fn list<T>(f: &mut fmt::Formatter<'_>, items: &[T], say: impl Fn(&T) -> String) -> fmt::Result {
    items.iter().take(SHOWN).try_for_each(|it| writeln!(f, "  {}", say(it)))?;
    match items.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(f, "  and {more} more; --json has all"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::line::Unreadable;

    fn times(codes: &[(&str, usize)]) -> BTreeMap<String, usize> {
        codes.iter().map(|(code, times)| ((*code).to_owned(), *times)).collect()
    }

    fn pass(codes: &[(&str, usize)]) -> PassReport {
        let times = times(codes);
        PassReport { expected: times.clone(), answered: times, milliseconds: 500 }
    }

    fn report() -> Report {
        Report {
            organization: "demo-abcdefgh".to_owned(),
            lines: 101,
            unreadable: vec![Unread { line: 7, reason: Unreadable::Client }],
            cut_short: vec![9],
            tokens: TokensReport { networks: 4, issued: 4, to_revoke: 2, revoked: 2 },
            passes: [pass(&[("VALID", 100)]), pass(&[("REVOKED", 40), ("VALID", 60)])],
            recorded: RecordReport {
                expected: times(&[("REVOKED", 40), ("VALID", 160)]),
                recorded: times(&[("REVOKED", 40), ("VALID", 160)]),
                expected_addresses: 6,
                recorded_addresses: 6,
                agreeing_addresses: 6,
                again: 0,
            },
            agrees: true,
            differences: Vec::new(),
        }
    }

    #[test]
    fn the_table_says_both_sides_and_names_odd_lines() {
        let text = report().to_string();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let expected = [
            "organization demo-abcdefgh, 101 lines",
            "1 cut short within the last field, taken as far as they go:",
            "  line 9",
            "1 could not be read and were left out:",
            "  line 7: it does not begin with an address",
            "                                  file    server",
            "  networks, tokens issued            4         4",
            "  networks, tokens revoked           2         2",
            "pass 1: 100 verified in 500 ms, 200 a second",
            "  VALID                            100       100",
            "pass 2: 100 verified in 500 ms, 200 a second",
            "  REVOKED                           40        40",
            "  VALID                             60        60",
            "recorded, read back from the audit: 200 decisions",
            "  REVOKED                           40        40",
            "  VALID                            160       160",
            "  addresses                          6         6",
            "  addresses, as often                6         6",
            "the server and the file agree",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn long_lists_end_in_the_table_but_not_in_json() {
        let differences: Vec<String> = (0..23).map(|it| format!("line {it}")).collect();
        let report = Report { agrees: false, differences, ..report() };
        let text = report.to_string();
        assert!(text.contains("differ in 23:\n  line 0\n"), "{text}");
        assert!(text.ends_with("  line 19\n  and 3 more; --json has all\n"), "{text}");
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["differences"].as_array().unwrap().len(), 23);
        assert_eq!(json["unreadable"][0], serde_json::json!({"line": 7, "reason": "client"}));
        assert_eq!(json["agrees"], false);
    }
}
