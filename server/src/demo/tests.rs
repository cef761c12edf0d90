mod stub;

use stub::{Fault, Stub};

use super::*;

const LOG: &str = r#"192.0.2.1 - - [x] "GET /a?b HTTP/1.1" 200 1 "-" "a \"b\"\\"
192.0.2.2 - - [x] "GET /a//b HTTP/1.1" 404 - "-" "-"
198.51.100.1 - - [x] "HEAD / HTTP/1.0" 200 1 "-" "\xff"
198.51.100.1 - - [x] "GET /../a HTTP/1.0" 200 1 "-" "c"
junk
2001:db8::1 - - [x] "POST /a HTTP/1.1" 200 1 "-" "cut
"#;

async fn run_against(fault: Fault) -> anyhow::Result<Report> {
    let log = AccessLog::parse(LOG.as_bytes().to_vec());
    let (client, operator) = (Stub::with(fault).serve().await, Bearer::parse(stub::OPERATOR)?);
    let show = Show::Nothing;
    Demonstration { log: &log, client: &client, operator: &operator, at_once: 3, show }.run().await
}

#[tokio::test]
async fn a_true_server_agrees_with_the_file() {
    let report = run_against(Fault::None).await.unwrap();
    assert!(report.agrees, "{report}");
    assert_eq!(report.differences, [] as [String; 0]);
    assert_eq!((report.lines, report.unreadable.len(), &report.cut_short[..]), (6, 1, &[6][..]));
    assert_eq!(report.tokens, report::TokensReport { networks: 3, issued: 3, to_revoke: 2, revoked: 2 });
    assert_eq!(report.passes[0].answered["VALID"], 3);
    assert_eq!(report.passes[0].answered["INSUFFICIENT_PERMISSIONS"], 2);
    assert_eq!(report.passes[1].answered["REVOKED"], 3);
    assert_eq!(report.passes[1].answered["VALID"], 1);
    assert_eq!(report.recorded.recorded, report.recorded.expected);
    assert_eq!(report.recorded.recorded["REVOKED"], 3);
    assert_eq!((report.recorded.recorded_addresses, report.recorded.agreeing_addresses), (4, 4));
}

#[tokio::test]
async fn a_server_that_lets_a_revoked_token_pass_is_caught() {
    let report = run_against(Fault::ForgetsRevocations).await.unwrap();
    assert!(!report.agrees);
    let expected = [
        "pass 2, line 1: REVOKED expected, answered VALID",
        "pass 2, line 2: REVOKED expected, answered INSUFFICIENT_PERMISSIONS",
        "pass 2, line 6: REVOKED expected, answered VALID",
        "recorded of 2-1: REVOKED from 192.0.2.1 expected, found VALID from 192.0.2.1",
        "recorded of 2-2: REVOKED from 192.0.2.2 expected, found INSUFFICIENT_PERMISSIONS from 192.0.2.2",
        "recorded of 2-6: REVOKED from 2001:db8::1 expected, found VALID from 2001:db8::1",
    ];
    assert_eq!(report.differences, expected);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_well_and_does_not_record_it_is_caught() {
    let report = run_against(Fault::DropsDecisions).await.unwrap();
    assert!(!report.agrees);
    assert_eq!(report.differences.len(), 3, "{report}");
    assert!(report.differences.iter().all(|it| it.starts_with("recorded of ") && it.ends_with("found none")));
    assert_eq!(report.recorded.recorded.values().sum::<usize>(), 7);
    assert_eq!((report.recorded.expected_addresses, report.recorded.again), (4, 0));
}

#[tokio::test]
async fn a_secret_whose_answer_was_lost_is_replaced() {
    let report = run_against(Fault::LosesSecrets).await.unwrap();
    assert!(report.agrees, "{report}");
}

#[tokio::test]
async fn a_list_that_does_not_end_is_no_list() {
    let err = run_against(Fault::SameCursor).await.err().unwrap();
    assert!(format!("{err:#}").ends_with("does not end: the same cursor twice"), "{err:#}");
}

#[test]
fn an_operator_token_that_is_not_there_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("operator.token");
    let said = |path: &Path| operator_token(path).err().unwrap().to_string();
    assert!(said(&path).contains("`make run` writes one, --operator-token-file names another"));
    fs::write(&path, "two words\n").unwrap();
    assert!(said(&path).ends_with("holds no token"));
    fs::write(&path, "c9d_ops_x\n").unwrap();
    assert_eq!(operator_token(&path).unwrap().text(), "c9d_ops_x");
}
