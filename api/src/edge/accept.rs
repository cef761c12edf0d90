//! HTML or JSON, as the client prefers.

use axum::http::{HeaderMap, header};

use crate::problem::{Code, Problem};

/// The representations that pages have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    /// For people.
    Html,
    /// For programs.
    Json,
}

/// Chooses by `Accept` (RFC 9110 §12.5.1); HTML where the client does not care.
///
/// # Errors
/// `not_acceptable` when the client rules out both.
pub fn preferred(headers: &HeaderMap) -> Result<Representation, Problem> {
    let sent: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok()).collect();
    if sent.is_empty() {
        return Ok(Representation::Html);
    }
    let accept = sent.join(",");
    let html = quality(&accept, "text/html");
    let json = quality(&accept, "application/json");
    if html == 0 && json == 0 {
        return Err(Problem::new(Code::NotAcceptable, "accept text/html or application/json"));
    }
    Ok(if html < json { Representation::Json } else { Representation::Html })
}

/// How much a media type is wanted, in thousandths: the most specific range that matches counts.
fn quality(accept: &str, media_type: &str) -> u16 {
    let family = media_type.split('/').next().unwrap_or_default();
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let rank = if name.eq_ignore_ascii_case(media_type) {
            3
        } else if name.strip_suffix("/*").is_some_and(|it| it.eq_ignore_ascii_case(family)) {
            2
        } else if name == "*/*" {
            1
        } else {
            continue;
        };
        let wanted = parts.find_map(|it| it.strip_prefix("q=")).map_or(1_000, thousandths);
        best = best.max((rank, wanted));
    }
    best.1
}

/// `0.8` as 800; anything unreadable as wanted.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match whole {
        "0" => digits.parse().unwrap_or(1_000),
        _ => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn choice(accept: &str) -> Result<Representation, Code> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::try_from(accept).unwrap());
        preferred(&headers).map_err(|problem| problem.code())
    }

    #[test]
    fn people_get_pages_and_programs_get_json() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(choice(browser), Ok(Representation::Html));
        assert_eq!(choice("application/json"), Ok(Representation::Json));
        assert_eq!(choice("application/json, text/html;q=0.5"), Ok(Representation::Json));
        assert_eq!(choice("*/*"), Ok(Representation::Html));
        assert_eq!(choice("text/*;q=0, */*;q=0.1"), Ok(Representation::Json));
        assert_eq!(preferred(&HeaderMap::new()).unwrap(), Representation::Html);
    }

    #[test]
    fn what_we_do_not_have_is_not_acceptable() {
        assert_eq!(choice("image/png"), Err(Code::NotAcceptable));
        assert_eq!(choice("*/*;q=0"), Err(Code::NotAcceptable));
    }
}
