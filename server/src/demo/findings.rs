//! What the server said against what the file demands.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    pass::{self, Pass},
    recorded::{Decision, Recorded},
    report::{PassReport, RecordReport, TokensReport},
    tally::Counted,
    tokens::Register,
};

const VALID: &str = "VALID";
const REVOKED: &str = "REVOKED";
const INSUFFICIENT: &str = "INSUFFICIENT_PERMISSIONS";
/// A line that has no answer.
const NO_ANSWER: &str = "none";

/// The names of the networks whose tokens are to be revoked.
pub(super) type Revoked = BTreeSet<String>;

/// Both sides.
pub(super) struct Findings<'d> {
    /// The file, counted apart.
    pub(super) counted: &'d [Counted],
    /// The server's tokens before the revocations.
    pub(super) live: &'d Register,
    /// The same after them.
    pub(super) left: &'d Register,
    /// The networks whose tokens were to be revoked.
    pub(super) revoked: &'d Revoked,
    /// What the server has recorded of both passes.
    pub(super) recorded: &'d Recorded,
}

impl Findings<'_> {
    /// Tokens, as many as there should be and as many as there are.
    pub(super) fn tokens(&self) -> TokensReport {
        TokensReport {
            networks: self.networks().len(),
            issued: self.live.values().map(Vec::len).sum(),
            to_revoke: self.revoked.len(),
            revoked: self.left.values().flatten().filter(|it| it.status == "revoked").count(),
        }
    }

    /// Codes, as often as they should have been said and as often as they were.
    pub(super) fn passes(&self, passes: &[Pass; 2]) -> [PassReport; 2] {
        let [first, second] = passes;
        [self.pass(first, &Revoked::new()), self.pass(second, self.revoked)]
    }

    fn pass(&self, pass: &Pass, revoked: &Revoked) -> PassReport {
        PassReport {
            expected: times(self.counted.iter().map(|it| expected(it, revoked))),
            answered: times(pass.answers.values().map(String::as_str)),
            milliseconds: pass.took.as_millis(),
        }
    }

    /// Everything in which the server and the file differ, in words.
    pub(super) fn differences(&self, passes: &[Pass; 2]) -> Vec<String> {
        let [first, second] = passes;
        let mut differences = Vec::new();
        self.compare_tokens("issued", self.live, &Revoked::new(), &mut differences);
        self.compare_tokens("revoked", self.left, self.revoked, &mut differences);
        self.compare_answers("pass 1", first, &Revoked::new(), &mut differences);
        self.compare_answers("pass 2", second, self.revoked, &mut differences);
        self.compare_records(&mut differences);
        differences
    }

    /// Lines by code and by address, as they should be recorded and as they are.
    pub(super) fn recorded(&self) -> RecordReport {
        let (expected, recorded) = (self.expected_records(), &self.recorded.by_question);
        let addresses = |times: BTreeMap<String, usize>| times.len();
        let by_address = [self.expected_addresses(), self.recorded_addresses()];
        let agreeing =
            by_address[0].iter().filter(|(it, times)| by_address[1].get(*it) == Some(times)).count();
        let [expected_addresses, recorded_addresses] = by_address.map(addresses);
        RecordReport {
            expected: times(expected.values().map(|it| it.0)),
            recorded: times(recorded.values().map(|it| it.code.as_str())),
            expected_addresses,
            recorded_addresses,
            agreeing_addresses: agreeing,
            again: self.recorded.again,
        }
    }

    /// For each question by its name: the code and the address that should be recorded.
    fn expected_records(&self) -> BTreeMap<String, (&'static str, &str)> {
        let none = Revoked::new();
        let of_pass = |number: u8, revoked: &Revoked| -> Vec<_> {
            let line = |it: &'_ Counted| (pass::name(number, it.number), expected(it, revoked));
            self.counted.iter().map(line).zip(self.counted.iter().map(|it| it.address.as_str())).collect()
        };
        let both = of_pass(1, &none).into_iter().chain(of_pass(2, self.revoked));
        both.map(|((name, code), address)| (name, (code, address))).collect()
    }

    fn expected_addresses(&self) -> BTreeMap<String, usize> {
        times(self.counted.iter().chain(self.counted).map(|it| it.address.as_str()))
    }

    fn recorded_addresses(&self) -> BTreeMap<String, usize> {
        times(self.recorded.by_question.values().map(address))
    }

    /// Each question recorded as it should be, and nothing besides.
    fn compare_records(&self, differences: &mut Vec<String>) {
        let expected = self.expected_records();
        for (name, (code, from)) in &expected {
            let found = self.recorded.by_question.get(name).map(|it| (it.code.as_str(), address(it)));
            if found != Some((*code, *from)) {
                let found =
                    found.map_or_else(|| NO_ANSWER.to_owned(), |(code, from)| format!("{code} from {from}"));
                differences.push(format!("recorded of {name}: {code} from {from} expected, found {found}"));
            }
        }
        let others = self.recorded.by_question.keys().filter(|it| !expected.contains_key(*it));
        differences.extend(others.map(|it| format!("recorded of {it}: not in the file")));
        if self.recorded.nameless > 0 {
            differences
                .push(format!("recorded: {} decisions about nothing in the file", self.recorded.nameless));
        }
    }

    /// One token a network, revoked or live as it should be, and none besides.
    fn compare_tokens(
        &self,
        when: &str,
        register: &Register,
        revoked: &Revoked,
        differences: &mut Vec<String>,
    ) {
        let networks = self.networks();
        for network in &networks {
            let wanted = if revoked.contains(*network) { "revoked" } else { "active" };
            let listed = register.get(*network).map(Vec::as_slice).unwrap_or_default();
            let found: Vec<&str> = listed.iter().map(|it| it.status.as_str()).collect();
            if found != [wanted] {
                let found = if found.is_empty() { NO_ANSWER.to_owned() } else { found.join(", ") };
                differences.push(format!(
                    "{when}, {network}: one {wanted} token expected, the server lists {found}"
                ));
            }
        }
        for name in register.keys().filter(|it| !networks.contains(it.as_str())) {
            differences.push(format!("{when}, {name}: the server lists a token of no network in the file"));
        }
    }

    fn compare_answers(&self, when: &str, pass: &Pass, revoked: &Revoked, differences: &mut Vec<String>) {
        for line in self.counted {
            let wanted = expected(line, revoked);
            let found = pass.answers.get(&line.number).map_or(NO_ANSWER, String::as_str);
            if found != wanted {
                differences
                    .push(format!("{when}, line {}: {wanted} expected, answered {found}", line.number));
            }
        }
        let counted: BTreeSet<usize> = self.counted.iter().map(|it| it.number).collect();
        let mut others: Vec<_> = pass.answers.keys().filter(|it| !counted.contains(it)).collect();
        others.sort_unstable();
        differences
            .extend(others.iter().map(|it| format!("{when}, line {it}: answered, but not in the file")));
    }

    fn networks(&self) -> BTreeSet<&str> {
        self.counted.iter().map(|it| it.network.as_str()).collect()
    }
}

/// What the gate should say to a line: the token's status comes before its permissions.
fn expected(line: &Counted, revoked: &Revoked) -> &'static str {
    if revoked.contains(&line.network) {
        return REVOKED;
    }
    if line.path_refused { INSUFFICIENT } else { VALID }
}

/// Where a recorded call came from.
fn address(decision: &Decision) -> &str {
    decision.ip.as_deref().unwrap_or(NO_ANSWER)
}

fn times<'c>(codes: impl Iterator<Item = &'c str>) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for code in codes {
        *times.entry(code.to_owned()).or_default() += 1;
    }
    times
}

#[cfg(test)]
mod tests;
