//! What a start says to the person who started it.

use std::net::SocketAddr;

use crate::{config::Config, operator::OperatorToken};

/// Where the service is, where the operator's token is, and what to do next.
pub(super) fn of(config: &Config, address: SocketAddr, given: Option<&OperatorToken>) -> String {
    let url = config.server.public_url.as_ref();
    let url =
        url.map_or_else(|| format!("http://{address}"), |it| it.as_str().trim_end_matches('/').to_owned());
    let version = env!("CARGO_PKG_VERSION");
    let (place, token, secret) = token(config, given);
    let secret = secret.map(|it| format!("\n  {it}\n")).unwrap_or_default();
    format!(
        r#"Counterfoil {version} listens on {url} · {place}
{secret}
Try it:

  curl -s {url}/readyz
  curl -s {url}/v1/whoami -H "Authorization: Bearer {token}"
  curl -s {url}/v1/organizations -H "Authorization: Bearer {token}" -H 'Content-Type: application/json' \
    -d '{{"name":"Acme","slug":"acme","plan":"pro","owner":{{"email":"ada@acme.test","name":"Ada"}}}}'

README.md goes on from there, {url}/docs describes every call. Ctrl-C stops."#
    )
}

/// Where the token is, how a shell gets it, and its text where it is shown.
fn token<'a>(config: &Config, given: Option<&'a OperatorToken>) -> (String, String, Option<&'a str>) {
    let kept = config.server.operator_token_file.as_ref().filter(|it| it.exists());
    match (given, kept) {
        (Some(OperatorToken::ShownOnce(text)), _) => {
            ("the operator token, shown this once:".to_owned(), "$TOKEN".to_owned(), Some(text.as_str()))
        }
        (Some(OperatorToken::InFile(path)), _) | (None, Some(path)) => {
            (format!("operator token in {}", path.display()), format!("$(cat {})", path.display()), None)
        }
        (None, None) => {
            let place = "the operator token was given at the first start; lost: counterfoil operator reset";
            (place.to_owned(), "$TOKEN".to_owned(), None)
        }
    }
}
