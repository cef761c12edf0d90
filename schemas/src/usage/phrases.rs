//! User agents in few bytes: a fixed list of phrases that many of them share.
//!
//! What is sealed cannot be compressed afterwards, and the user agents of different subjects must
//! not share a key, so each is shortened by itself: printable ASCII stands for itself, a byte from
//! 0x80 for the phrase of that place in [`PHRASES`], and 0 says that the next byte, whatever it
//! is, stands for itself.

use super::BlockError;

const LITERAL: u8 = 0;
const FIRST_PHRASE: u8 = 0x80;

/// Appends `text`, at each place by the longest phrase that fits.
pub(super) fn shorten(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        if let Some((code, after)) = phrase_before(*byte, rest) {
            out.push(code);
            rest = after;
            continue;
        }
        if !(b' '..FIRST_PHRASE).contains(byte) {
            out.push(LITERAL);
        }
        out.push(*byte);
        rest = after;
    }
}

/// Turns [`shorten`] back.
pub(super) fn lengthen(mut short: &[u8]) -> Result<String, BlockError> {
    let mut text = Vec::with_capacity(3 * short.len());
    while let Some((byte, after)) = short.split_first() {
        short = after;
        match *byte {
            LITERAL => {
                let (byte, after) = short.split_first().ok_or(BlockError::CutShort)?;
                text.push(*byte);
                short = after;
            }
            code if code >= FIRST_PHRASE => {
                let phrase = PHRASES.get(usize::from(code - FIRST_PHRASE)).copied();
                text.extend_from_slice(phrase.unwrap_or_default().as_bytes());
            }
            byte => text.push(byte),
        }
    }
    String::from_utf8(text).map_err(|_| BlockError::Malformed("a user agent is no text"))
}

/// The longest phrase that `rest`, which begins with `first`, begins with; and what follows it.
fn phrase_before(first: u8, rest: &[u8]) -> Option<(u8, &[u8])> {
    let begins = PHRASES.partition_point(|it| it.as_bytes().first() < Some(&first));
    (FIRST_PHRASE..=u8::MAX)
        .zip(&PHRASES)
        .skip(begins)
        .take_while(|(_, phrase)| phrase.as_bytes().first() == Some(&first))
        .find_map(|(code, phrase)| Some((code, rest.strip_prefix(phrase.as_bytes())?)))
}

/// Ordered by first byte, then the longest first. STORED BYTES DEPEND ON EVERY PLACE: this list
/// must never change.
#[rustfmt::skip]
static PHRASES: [&str; 128] = [
    " like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/",
    " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    " (KHTML, like Gecko) Version/",
    " (KHTML, like Gecko) Chrome/",
    " like Mac OS X) AppleWebKit/",
    " Mobile/15E148 Safari/604.1",
    " (KHTML, like Gecko) ",
    " Mobile Safari/",
    " (compatible; ",
    " Safari/537.36",
    " like Mac OS X",
    " (+https://",
    " CFNetwork/",
    " (Windows ",
    " (darwin; ",
    " (https://",
    " Chromium/",
    " (Linux; ",
    " (http://",
    " +http://",
    " Firefox/",
    " Version/",
    " (x86_64",
    " Chrome/",
    " Darwin/",
    " Mobile/",
    " Safari/",
    " (+http",
    " (Java/",
    " (Linux",
    " Build/",
    " Gecko/",
    " Java/",
    " Linux",
    " Edg/",
    ") AppleWebKit/605.1.15 (KHTML, like Gecko) Version/",
    ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
    ") Gecko/20100101 Firefox/",
    ") AppleWebKit/",
    ") like Gecko",
    ".0) Gecko/20100101 Firefox/",
    ".0.0.0 Mobile Safari/537.36",
    ".0.0.0 Safari/537.36 Edg/",
    ".0.0.0 Safari/537.36",
    ".0 Safari/537.36",
    ".googleapis.com",
    ".google.com/",
    ".com/bot",
    ".html)",
    ".com/",
    ".net/",
    ".org/",
    "/bot.html",
    "; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
    "; WOW64; rv:",
    "; Win64; x64",
    "; Trident/",
    "; WOW64",
    "; en-US",
    "; U; ",
    "; rv:",
    "Apache-HttpClient/4.5.",
    "Apache-HttpClient/5.",
    "Bot/",
    "Dalvik/2.1.0 (Linux; U; Android ",
    "Envoy/",
    "Go-http-client/1.1",
    "Go-http-client/2.0",
    "GitHub-Hookshot/",
    "GitHubActions",
    "GuzzleHttp/",
    "Java-http-client/",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10",
    "Mozilla/5.0 (X11; Linux x86_64; rv:",
    "Mozilla/5.0 (iPhone; CPU iPhone OS ",
    "Mozilla/4.0 (compatible; MSIE ",
    "Mozilla/5.0 (Linux; Android ",
    "Mozilla/5.0 (Windows NT 6.",
    "Mozilla/5.0 (iPad; CPU OS ",
    "Mozilla/5.0 (compatible; ",
    "Mozilla/5.0 (",
    "OpenSSL/",
    "PostmanRuntime/7.",
    "Python-urllib/3.",
    "Prometheus/",
    "Python/3.",
    "Python/",
    "PHP/",
    "Ruby",
    "Terraform/",
    "UptimeRobot/",
    "Windows NT ",
    "Wget/1.",
    "aiohttp/3.",
    "aws-sdk-",
    "axios/0.",
    "axios/1.",
    "bot/",
    "curl/7.",
    "curl/8.",
    "client",
    "got (https://github.com/sindresorhus/got)",
    "go-resty/2.",
    "grpc-",
    "hyper/",
    "kube-probe/1.",
    "kubernetes/",
    "linux/amd64",
    "linux/arm64",
    "libcurl/",
    "node-fetch",
    "node/",
    "okhttp/4.",
    "okhttp/",
    "python-requests/2.",
    "python-httpx/0.",
    "python-urllib3/",
    "reqwest/0.",
    "sdk",
    "undici",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shortened(text: &str) -> Vec<u8> {
        let mut short = Vec::new();
        shorten(text, &mut short);
        short
    }

    proptest! {
        #[test]
        fn any_text_lengthens_to_itself(text: String, phrases in prop::collection::vec(0..128_usize, 0..4)) {
            let text: String = phrases.into_iter().map(|it| PHRASES[it]).chain([text.as_str()]).collect();
            prop_assert_eq!(lengthen(&shortened(&text)).unwrap(), text);
        }

        #[test]
        fn any_bytes_lengthen_without_a_panic(short: Vec<u8>) {
            let _ = lengthen(&short);
        }
    }

    #[test]
    fn the_phrases_are_in_order_and_each_is_one_byte() {
        let key = |it: &&str| (it.as_bytes()[0], std::cmp::Reverse(it.len()));
        assert!(PHRASES.is_sorted_by_key(key));
        for (code, phrase) in (0x80..=0xff).zip(&PHRASES) {
            assert_eq!(shortened(phrase), [code], "{phrase}");
        }
    }

    #[test]
    fn usual_user_agents_become_short() {
        for (text, length) in [
            ("curl/8.5.0", 4),
            ("python-requests/2.32.3", 5),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                5,
            ),
        ] {
            assert_eq!(shortened(text).len(), length, "{text}");
        }
    }
}
