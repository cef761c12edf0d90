use std::fs;

use domain::{
    time::{Lifespan, Timestamp},
    token::RevocationReason,
};
use serde_json::Value;

use super::{Printing, ReplayArgs, replay};
use crate::node::{
    Node,
    testing::{NOON, Place, owner_of},
};

/// A folder with a known history, its server running, and the tokens issued in it.
async fn a_history() -> (Place, Node, [String; 2]) {
    let place = Place::new();
    let (node, _) = place.first_start().await;
    let acme = node.register().await;
    let kept = node.issue(&acme, "kept", Lifespan::hours(1)).await.id;
    let revoked = node.issue(&acme, "revoked", Lifespan::hours(1)).await.id;
    let why = Some("left on a train".to_owned());
    let asked = owner_of(&acme, "revoke");
    node.commands().revoke_token(&asked, revoked, RevocationReason::KeyCompromise, why).await.unwrap();
    (place, node, [kept.to_string(), revoked.to_string()])
}

async fn printed(place: &Place, args: ReplayArgs, now: Timestamp) -> anyhow::Result<Vec<Value>> {
    let mut out = Vec::new();
    replay(&place.config(), &args, Printing { for_people: false, now }, &mut out).await?;
    Ok(String::from_utf8(out)?.lines().map(|it| serde_json::from_str(it).unwrap()).collect())
}

async fn state(place: &Place, target: &str, now: Timestamp) -> Value {
    let args = ReplayArgs { target: Some(target.parse().unwrap()), state: true, json: true };
    printed(place, args, now).await.unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_is_a_line_with_its_texts_opened_beside_a_running_server() {
    let (place, node, [_, revoked]) = a_history().await;
    let lines = printed(&place, ReplayArgs::default(), NOON).await.unwrap();
    let kinds: Vec<_> = lines.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    let expected = [
        "token.issued.v1",
        "organization.registered.v1",
        "member.added.v1",
        "token.issued.v1",
        "token.issued.v1",
        "token.issued.v1",
        "token.revoked.v1",
    ];
    assert_eq!(kinds, expected);
    assert!(lines.iter().zip(1..).all(|(line, position)| line["position"] == position));
    assert_eq!(lines[1]["data"]["name"], "Acme");
    assert_eq!(lines[1]["data"]["owner"]["email"], "ada@acme.test");
    assert_eq!(lines[2]["data"]["role"], "owner");
    assert_eq!(lines[5]["data"]["name"], "revoked");
    assert_eq!(lines[6]["data"]["note"], "left on a train");
    assert_eq!(lines[6]["stream"], format!("token-{revoked}"));
    assert_eq!(lines[6]["actor"]["kind"], "member");
    node.stop().await;
    assert_eq!(printed(&place, ReplayArgs::default(), NOON).await.unwrap(), lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_facts_about_one_thing_are_told_apart() {
    let (place, node, [kept, revoked]) = a_history().await;
    for (target, facts) in [(kept, 1), (revoked, 2)] {
        let args = ReplayArgs { target: Some(target.parse().unwrap()), ..ReplayArgs::default() };
        assert_eq!(printed(&place, args, NOON).await.unwrap().len(), facts);
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_what_the_facts_amount_to_by_the_time_of_day() {
    let (place, node, [kept, revoked]) = a_history().await;
    assert_eq!(state(&place, &kept, NOON).await["token"]["status"], "active");
    let late = NOON.plus(Lifespan::hours(1));
    assert_eq!(state(&place, &kept, late).await["token"]["status"], "expired");
    let token = &state(&place, &revoked, late).await["token"];
    assert_eq!(token["status"], "revoked");
    assert_eq!((&token["name"], &token["version"]), (&"revoked".into(), &2.into()));
    assert_eq!(token["revoked_reason"], "key_compromise");
    let organization = token["organization"].as_str().unwrap().to_owned();
    let member = token["holder"]["id"].as_str().unwrap().to_owned();
    assert_eq!(state(&place, &organization, NOON).await["organization"]["slug"], "acme");
    assert_eq!(state(&place, &member, NOON).await["member"]["email"], "ada@acme.test");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_s_token_is_revoked_by_a_reset_after_it() {
    let (place, node, _) = a_history().await;
    node.stop().await;
    let operator = printed(&place, ReplayArgs::default(), NOON).await.unwrap().remove(0);
    let operator = operator["stream"].as_str().unwrap().trim_start_matches("token-").to_owned();
    assert_eq!(state(&place, &operator, NOON).await["token"]["status"], "active");
    crate::operator::reset(&place.config(), place.time.clone()).await.unwrap();
    assert_eq!(state(&place, &operator, NOON).await["token"]["status"], "revoked");
    assert!(state(&place, "platform", NOON).await["platform"]["operators_reset_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_recorded_is_refused() {
    let (place, node, _) = a_history().await;
    node.stop().await;
    let nobody = "tok_0000000000000000000000".parse().unwrap();
    for state in [false, true] {
        let args = ReplayArgs { target: Some(nobody), state, json: true };
        let refusal = printed(&place, args, NOON).await.unwrap_err().to_string();
        assert!(refusal.contains("no fact about tok_0000000000000000000000"), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_its_keys_or_its_state_is_refused_not_shown_as_erased() {
    let (place, node, _) = a_history().await;
    node.stop().await;
    fs::rename(place.data().join("state.db"), place.data().join("elsewhere")).unwrap();
    let refusal = format!("{:#}", printed(&place, ReplayArgs::default(), NOON).await.unwrap_err());
    assert!(refusal.contains("state.db"), "{refusal}");
    fs::rename(place.data().join("elsewhere"), place.data().join("state.db")).unwrap();
    fs::remove_dir_all(place.data().join("keys")).unwrap();
    let refusal = printed(&place, ReplayArgs::default(), NOON).await.unwrap_err().to_string();
    assert!(refusal.contains("holds no keys"), "{refusal}");
}

#[test]
fn a_target_is_read_as_it_is_printed_and_anything_else_is_none() {
    let nobody = "tok_0000000000000000000000";
    for text in [nobody, "platform", "mem_0000000000000000000000", "org_0000000000000000000000"] {
        assert_eq!(text.parse::<super::Target>().unwrap().to_string(), text);
    }
    assert!("evt_0000000000000000000000".parse::<super::Target>().is_err());
}
