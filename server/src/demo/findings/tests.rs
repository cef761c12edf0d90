use std::{collections::HashMap, time::Duration};

use serde_json::json;

use super::*;
use crate::demo::tokens::Listed;

const A: &str = "192.0.2.0/24";
const B: &str = "198.51.100.0/24";

fn line(number: usize, network: &str, path_refused: bool) -> Counted {
    Counted { number, address: network.to_owned(), network: network.to_owned(), path_refused }
}

fn file() -> Vec<Counted> {
    vec![line(1, A, false), line(2, B, false), line(4, A, true), line(5, B, true)]
}

fn register(tokens: &[(&str, &str)]) -> Register {
    let mut register = Register::new();
    for (name, status) in tokens {
        let token: Listed =
            serde_json::from_value(json!({"id": "tok_1", "name": name, "status": status})).unwrap();
        register.entry((*name).to_owned()).or_default().push(token);
    }
    register
}

fn pass(answers: &[(usize, &str)]) -> Pass {
    let answers: HashMap<_, _> = answers.iter().map(|(number, code)| (*number, (*code).to_owned())).collect();
    Pass { answers, took: Duration::from_millis(7) }
}

/// What a server says that does all as it should.
fn right() -> [Pass; 2] {
    [
        pass(&[(1, VALID), (2, VALID), (4, INSUFFICIENT), (5, INSUFFICIENT)]),
        pass(&[(1, REVOKED), (2, VALID), (4, REVOKED), (5, INSUFFICIENT)]),
    ]
}

/// What such a server records.
fn recorded_rightly() -> Recorded {
    let mut recorded = Recorded::default();
    for (number, pass) in (1..).zip(right()) {
        for (line, code) in pass.answers {
            let ip = file().into_iter().find(|it| it.number == line).map(|it| it.address);
            let name = pass::name(number, line);
            let decision = Decision { code, ip, client_request_id: Some(name.clone()), count: 1 };
            recorded.by_question.insert(name, decision);
        }
    }
    recorded
}

fn differences(live: &Register, left: &Register, passes: &[Pass; 2]) -> Vec<String> {
    let (counted, revoked) = (file(), Revoked::from([A.to_owned()]));
    let recorded = recorded_rightly();
    Findings { counted: &counted, live, left, revoked: &revoked, recorded: &recorded }.differences(passes)
}

#[test]
fn a_server_that_does_as_it_should_agrees() {
    let (live, left) =
        (register(&[(A, "active"), (B, "active")]), register(&[(A, "revoked"), (B, "active")]));
    assert_eq!(differences(&live, &left, &right()), [] as [String; 0]);

    let (counted, revoked) = (file(), Revoked::from([A.to_owned()]));
    let recorded = recorded_rightly();
    let findings =
        Findings { counted: &counted, live: &live, left: &left, revoked: &revoked, recorded: &recorded };
    let tokens = TokensReport { networks: 2, issued: 2, to_revoke: 1, revoked: 1 };
    assert_eq!(findings.tokens(), tokens);
    let [first, second] = findings.passes(&right());
    let codes = |times: &[(&str, usize)]| times.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect();
    assert_eq!(first.expected, codes(&[(VALID, 2), (INSUFFICIENT, 2)]));
    assert_eq!(second.expected, codes(&[(VALID, 1), (INSUFFICIENT, 1), (REVOKED, 2)]));
    assert_eq!(first.expected, first.answered);
    assert_eq!(second.expected, second.answered);
}

#[test]
fn equal_counts_of_different_lines_are_no_agreement() {
    let (live, left) =
        (register(&[(A, "active"), (B, "active")]), register(&[(A, "revoked"), (B, "active")]));
    let [first, _] = right();
    let swapped = pass(&[(1, VALID), (2, REVOKED), (4, REVOKED), (5, INSUFFICIENT)]);
    let expected = [
        "pass 2, line 1: REVOKED expected, answered VALID",
        "pass 2, line 2: VALID expected, answered REVOKED",
    ];
    assert_eq!(differences(&live, &left, &[first, swapped]), expected);
}

#[test]
fn missing_surplus_and_foreign_tokens_are_named() {
    let live = register(&[(A, "active"), (A, "active"), ("203.0.113.0/24", "active")]);
    let left = register(&[(A, "active"), (B, "revoked")]);
    let expected = [
        "issued, 192.0.2.0/24: one active token expected, the server lists active, active",
        "issued, 198.51.100.0/24: one active token expected, the server lists none",
        "issued, 203.0.113.0/24: the server lists a token of no network in the file",
        "revoked, 192.0.2.0/24: one revoked token expected, the server lists active",
        "revoked, 198.51.100.0/24: one active token expected, the server lists revoked",
    ];
    assert_eq!(differences(&live, &left, &right()), expected);
}

#[test]
fn lines_without_answer_and_answers_without_line_are_named() {
    let (live, left) =
        (register(&[(A, "active"), (B, "active")]), register(&[(A, "revoked"), (B, "active")]));
    let [_, second] = right();
    let first = pass(&[(1, VALID), (2, VALID), (4, INSUFFICIENT), (9, VALID)]);
    let expected = [
        "pass 1, line 5: INSUFFICIENT_PERMISSIONS expected, answered none",
        "pass 1, line 9: answered, but not in the file",
    ];
    assert_eq!(differences(&live, &left, &[first, second]), expected);
}
