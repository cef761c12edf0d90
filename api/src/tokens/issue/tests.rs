//! What is wrong with a body is told all at once, each fault where it was said.

use serde_json::{Value, json};

use super::body::{Issue, rule};
use super::wish::{end, wish};
use crate::body::BodyReader;
use crate::formats::formats;
use crate::problem::Problem;

fn read(body: &Value) -> Result<Issue, Problem> {
    let reader = BodyReader::new(&formats()).unwrap().held_to(rule);
    reader.understand(&serde_json::to_vec(body).unwrap())
}

fn faults(body: &Value) -> Vec<String> {
    let problem = read(body).err().unwrap();
    let mut faults: Vec<String> =
        problem.faults().iter().map(|it| format!("{} {}", it.pointer, it.code.text())).collect();
    faults.sort();
    faults
}

#[test]
fn rules_between_fields_are_told_with_the_faults_of_single_ones() {
    let body = json!({
        "name": "a\nb", "scopes": ["*", "agents:read/agt_1", "No"], "expires_in": "1d", "never_expires": true,
        "holder": {"kind": "member", "id": "sva_1"}, "metadata": {"": "x", "a\tb": "y"}, "colour": 1,
    });
    let expected = [
        "/colour unknown_field",
        "/expires_in out_of_range",
        "/holder/id out_of_range",
        "/metadata out_of_range",
        "/metadata out_of_range",
        "/name out_of_range",
        "/never_expires out_of_range",
        "/scopes/1 not_supported_yet",
        "/scopes/2 scope_unknown",
    ];
    assert_eq!(faults(&body), expected);
}

#[test]
fn each_of_the_ends_that_were_said_is_named() {
    let body = json!({
        "name": "a", "scopes": ["*"], "expires_at": "2030-01-01T00:00:00Z", "expires_in": null, "never_expires": true,
    });
    assert_eq!(faults(&body), ["/expires_at out_of_range", "/never_expires out_of_range"]);
    let body = json!({"name": "a", "scopes": ["*"], "expires_in": "1d", "never_expires": false});
    assert_eq!(end(&read(&body).unwrap()), "/expires_in");
}

#[test]
fn what_comes_later_is_said_so_when_nothing_else_is_wrong() {
    let body = json!({"name": "a", "scopes": ["*"], "holder": {"kind": "service_account", "id": "sva_1"}});
    assert_eq!(faults(&body), ["/holder/kind not_supported_yet"]);
}

#[test]
fn scopes_keep_their_order_and_come_once() {
    let body = json!({"name": "a", "scopes": ["tokens:write", "agents:*", "tokens:write", "agents:read"]});
    let wished = wish(&read(&body).unwrap()).unwrap();
    let scopes: Vec<String> = wished.scopes.iter().map(ToString::to_string).collect();
    assert_eq!(scopes, ["tokens:write", "agents:*", "agents:read"]);
}
