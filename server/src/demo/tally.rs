//! The file counted a second time, by other means: what the server should say is not to rest on the parser that
//! made the questions. It shares no code with it on purpose.

use std::{collections::BTreeSet, net::IpAddr};

/// Longest path that is ever allowed, in bytes.
const LONGEST_PATH: usize = 256;
/// What makes a path mean another one to the service behind, wherever it stands: it is refused, never normalised.
const AMBIGUOUS: [&str; 5] = ["//", "\\", "#", "%2f", "%2e"];
/// Stand for an escaped quote and an escaped backslash while a line is cut at its quotes: in private use, so no
/// writer of logs puts them there.
const QUOTE: &str = "\u{e000}";
const BACKSLASH: &str = "\u{e001}";

/// A line as the count sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// Its number in the file, from 1.
    pub(super) number: usize,
    /// The client's address, as text.
    pub(super) address: String,
    /// The client's network, as text.
    pub(super) network: String,
    /// Whether its path is one that no permission opens.
    pub(super) path_refused: bool,
}

/// All lines of a file but those of the given numbers.
pub(super) fn count(file: &[u8], except: &BTreeSet<usize>) -> Vec<Counted> {
    let text = String::from_utf8_lossy(file);
    let lines = (1..).zip(text.lines());
    lines.filter(|(number, _)| !except.contains(number)).map(|(number, line)| counted(number, line)).collect()
}

fn counted(number: usize, line: &str) -> Counted {
    let client = line.split(' ').next().unwrap_or_default();
    // nginx writes an escaped quote as \x22.
    let line = line.replace(r"\\", BACKSLASH).replace(r#"\""#, QUOTE).replace(r"\x22", QUOTE);
    let request = line.split('"').nth(1).unwrap_or_default().replace(QUOTE, "\"");
    let path_refused = refuses(&path(&request));
    Counted { number, address: address(client), network: network(client), path_refused }
}

fn address(client: &str) -> String {
    client.parse::<IpAddr>().map_or_else(|_| client.to_owned(), |it| it.to_canonical().to_string())
}

/// What stands between the method and the protocol, up to the query.
fn path(request: &str) -> String {
    let mut words: Vec<&str> = request.split(' ').skip(1).collect();
    words.pop_if(|it| it.starts_with("HTTP/"));
    let target = words.join(" ");
    target.split('?').next().unwrap_or_default().to_owned()
}

fn network(client: &str) -> String {
    match client.parse::<IpAddr>().map(|it| it.to_canonical()) {
        Ok(IpAddr::V4(it)) => format!("{}/24", std::net::Ipv4Addr::from_bits(it.to_bits() >> 8 << 8)),
        Ok(IpAddr::V6(it)) => format!("{}/48", std::net::Ipv6Addr::from_bits(it.to_bits() >> 80 << 80)),
        Err(_) => client.to_owned(),
    }
}

/// The documented rule for paths: rooted, at most 256 bytes of visible ASCII, and only one way to read it.
fn refuses(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let closed = format!("{path}/");
    !path.starts_with('/')
        || LONGEST_PATH < path.len()
        || path.contains(|it: char| !it.is_ascii_graphic())
        || AMBIGUOUS.iter().any(|it| lower.contains(it))
        || closed.contains("/./")
        || closed.contains("/../")
        || lower.split('%').skip(1).any(|it| !is_plain_escape(it))
}

/// Whether two hexadecimal digits follow the percent sign that name no control byte and no backslash.
fn is_plain_escape(behind: &str) -> bool {
    let byte =
        behind.get(..2).filter(|it| !it.starts_with('+')).and_then(|it| u8::from_str_radix(it, 16).ok());
    byte.is_some_and(|it| !it.is_ascii_control() && it != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(client: &str, request: &str) -> String {
        format!("{client} - - [x] \"{request}\" 200 1 \"-\" \"a \\\"b\\\"\"\n")
    }

    #[test]
    fn lines_are_counted_by_network_and_path() {
        let file = [
            request("192.0.2.7", "GET /a?x=// HTTP/1.1"),
            request("192.0.2.200", r#"GET /a\"b HTTP/1.1"#),
            "left out\n".to_owned(),
            request("2001:db8:1:2::3", r"GET /a\\ HTTP/1.1"),
            request("::ffff:192.0.2.1", "GET /a b HTTP/1.1"),
            request("192.0.2.7", r"GET /a\x22b"),
        ];
        let counted = count(file.concat().as_bytes(), &BTreeSet::from([3]));
        let seen: Vec<_> =
            counted.iter().map(|it| (it.number, it.network.as_str(), it.path_refused)).collect();
        let expected = [
            (1, "192.0.2.0/24", false),
            (2, "192.0.2.0/24", false),
            (4, "2001:db8:1::/48", true),
            (5, "192.0.2.0/24", true),
            (6, "192.0.2.0/24", false),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_rule_for_paths_is_the_services_own() {
        // All paths of up to six of these characters.
        const LETTERS: &[u8] = b"/.%2feE5\\# a";
        let mut paths = vec![String::new()];
        for _ in 0..5 {
            let longer =
                |it: &String| LETTERS.iter().map(|letter| format!("{it}{}", char::from(*letter))).collect();
            let longer: Vec<String> = paths.iter().flat_map(|it| -> Vec<String> { longer(it) }).collect();
            for path in longer.iter().map(|it| format!("/{it}")) {
                assert_eq!(refuses(&path), domain::endpoint::check_path(&path).is_err(), "{path}");
            }
            paths = longer;
        }
        for path in ["", "a", "*", "/ä", "/%00", "/%7f", "/%80", "/%5c", &format!("/{}", "a".repeat(256))] {
            assert_eq!(refuses(path), path != "/%80", "{path}");
        }
    }
}
