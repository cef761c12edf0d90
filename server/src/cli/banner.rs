//! What a start says to the person who started it.

use std::{net::SocketAddr, path::Path};

use crate::{
    config::Config,
    operator::{Kept, OperatorToken},
};

/// What is known of the operators' token at this start.
pub(super) enum Token<'a> {
    /// This start gave it.
    Given(&'a OperatorToken),
    /// An earlier start gave it, and the file that was named holds this.
    Kept(&'a Path, Kept),
    /// An earlier start gave it, and no file was named.
    Elsewhere,
}

/// Where the service is, where the operator's token is, and what to do next.
pub(super) fn of(config: &Config, address: SocketAddr, token: &Token<'_>) -> String {
    let url = config.server.public_url.as_ref();
    let url =
        url.map_or_else(|| format!("http://{address}"), |it| it.as_str().trim_end_matches('/').to_owned());
    let version = env!("CARGO_PKG_VERSION");
    let Said { place, token, secret } = said(token, &reset(&config.server.data));
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

/// What is said of the token.
struct Said<'a> {
    /// Where it is, or how to get another.
    place: String,
    /// How a shell gets it.
    token: String,
    /// Its text, where it is shown.
    secret: Option<&'a str>,
}

/// The words that give another token for this folder.
fn reset(data: &Path) -> String {
    let name = data.strip_prefix(".").unwrap_or(data);
    if name == Path::new("counterfoil-data") {
        return "counterfoil operator reset".to_owned();
    }
    format!("counterfoil operator reset --data {}", data.display())
}

fn said<'a>(token: &Token<'a>, reset: &str) -> Said<'a> {
    match token {
        Token::Given(OperatorToken::ShownOnce(text)) => {
            let place = "the operator token, shown this once:".to_owned();
            Said { secret: Some(text.as_str()), ..at_hand(place) }
        }
        Token::Given(OperatorToken::InFile(path)) => in_file(path),
        Token::Kept(path, Kept::Live) => in_file(path),
        Token::Kept(path, Kept::Void) => at_hand(format!(
            "the token in {0} is void: {reset} --operator-token-file {0} gives another",
            path.display()
        )),
        Token::Kept(path, Kept::Nothing) => at_hand(format!(
            "the operator token was given before and is not in {0}; lost: {reset} --operator-token-file {0}",
            path.display()
        )),
        Token::Kept(_, Kept::Unusable(why)) => at_hand(why.clone()),
        Token::Elsewhere => {
            at_hand(format!("the operator token was given at the first start; lost: {reset}"))
        }
    }
}

/// The person has it, or will get it.
fn at_hand<'a>(place: String) -> Said<'a> {
    Said { place, token: "$TOKEN".to_owned(), secret: None }
}

fn in_file<'a>(path: &Path) -> Said<'a> {
    let place = format!("operator token in {}", path.display());
    Said { place, token: format!("$(cat {})", path.display()), secret: None }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn banner(token: &Token<'_>) -> String {
        let config = Config::load(None, [], &crate::config::Flags::default()).unwrap();
        of(&config, "127.0.0.1:8080".parse().unwrap(), token)
    }

    #[test]
    fn a_token_that_is_shown_once_stands_on_a_line_of_its_own() {
        let shown = OperatorToken::ShownOnce(Zeroizing::new("c9d_ops_x".to_owned()));
        let text = banner(&Token::Given(&shown));
        assert!(text.contains("\n  c9d_ops_x\n") && text.contains("Bearer $TOKEN"), "{text}");
    }

    #[test]
    fn a_live_token_is_read_from_its_file() {
        let path = Path::new("data/op.token");
        for token in [Token::Given(&OperatorToken::InFile(path.to_owned())), Token::Kept(path, Kept::Live)] {
            let text = banner(&token);
            assert!(text.contains("· operator token in data/op.token\n"), "{text}");
            assert!(text.contains("Bearer $(cat data/op.token)"), "{text}");
        }
    }

    #[test]
    fn a_void_token_is_called_void_and_is_not_used() {
        let text = banner(&Token::Kept(Path::new("op.token"), Kept::Void));
        let said = "the token in op.token is void: counterfoil operator reset --operator-token-file op.token \
                    gives another";
        assert!(text.contains(said) && !text.contains("cat op.token"), "{text}");
    }

    #[test]
    fn another_folder_is_named_where_another_token_is_advised() {
        assert_eq!(reset(Path::new("./counterfoil-data")), "counterfoil operator reset");
        assert_eq!(reset(Path::new("/srv/tokens")), "counterfoil operator reset --data /srv/tokens");
    }

    #[test]
    fn a_file_that_is_of_no_use_is_not_called_the_token_s() {
        let path = Path::new("op.token");
        for (kept, said) in [(Kept::Nothing, "is not in op.token"), (Kept::Unusable("odd".to_owned()), "odd")]
        {
            let text = banner(&Token::Kept(path, kept));
            assert!(text.contains(said) && !text.contains("operator token in"), "{text}");
        }
        let text = banner(&Token::Elsewhere);
        assert!(text.contains("at the first start"), "{text}");
    }
}
