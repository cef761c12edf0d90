//! The domain's own texts, as fields of bodies and queries: checked while the body is read, so that all faults are
//! told at once.

use domain::{
    endpoint::EndpointPattern,
    ids::MemberId,
    permission::PermissionName,
    scope::Scope,
    slug::Slug,
    subject::Subject,
    time::{Lifespan, Timestamp},
};
use ipnet::IpNet;
use std::{fmt::Display, net::IpAddr, str::FromStr};

use crate::body::{Formats, Text, TextFormat, TextKind};
use crate::problem::{FieldCode, Problem};

macro_rules! text_kinds {
    ($($kind:ident, $name:literal, $code:ident, $check:expr, $doc:literal;)+) => {
        $(
            #[doc = $doc]
            #[derive(Debug)]
            pub(crate) enum $kind {}

            impl TextKind for $kind {
                const FORMAT: &'static str = $name;
            }
        )+

        /// All kinds of text that bodies and queries name.
        pub(crate) fn formats() -> Formats {
            Formats::new([$(TextFormat { name: $name, code: FieldCode::$code, check: $check }),+])
        }
    };
}

text_kinds! {
    ScopeText, "scope", ScopeUnknown, parses::<Scope>, "A scope: `*`, `resource:*`, `resource:action`.";
    PermissionText, "permission", ScopeUnknown, parses::<PermissionName>, "A permission: `resource:action`.";
    EndpointText, "endpoint", EndpointUnknown, parses::<EndpointPattern>, "An endpoint pattern: `GET /v1/x/*`.";
    DurationText, "duration", DurationInvalid, parses::<Lifespan>, "A length of time: `90d`, `PT15M`.";
    TimeText, "time", WrongType, parses::<Timestamp>, "An instant, RFC 3339.";
    SlugText, "slug", OutOfRange, parses::<Slug>, "A slug: `a-z`, `0-9`, `-`.";
    LabelText, "label", OutOfRange, label, "A text for people: one line, and not blank.";
    ProseText, "prose", OutOfRange, prose, "A text for people, which may have several lines.";
    EmailText, "e-mail", OutOfRange, email, "An e-mail address.";
    AddressText, "ip-address", CidrInvalid, parses::<IpAddr>, "An IPv4 or IPv6 address.";
    BlockText, "address-block", CidrInvalid, block, "An address, or a block of them: `203.0.113.0/24`.";
    SubjectText, "subject", OutOfRange, parses::<Subject>, "A subject: `mem_…`, `org_…`, `unauthenticated/2026-11-24`.";
    HolderIdText, "holder-id", OutOfRange, holder_id, "A holder's id: `mem_…`, `sva_…` or `agt_…`.";
}

fn parses<T: FromStr<Err: Display>>(text: &str) -> Result<(), String> {
    text.parse::<T>().map(|_| ()).map_err(|err| err.to_string())
}

fn block(text: &str) -> Result<(), String> {
    if text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    Err("send an address, or a block like 203.0.113.0/24".to_owned())
}

fn holder_id(text: &str) -> Result<(), String> {
    let is_member = text.parse::<MemberId>().is_ok();
    if is_member || text.starts_with("sva_") || text.starts_with("agt_") {
        return Ok(());
    }
    Err("send a member's id, like mem_0000000000000000000000".to_owned())
}

/// That a label is too short is said by its length.
fn label(text: &str) -> Result<(), String> {
    if text.contains(|it: char| it.is_control() || matches!(it, '\u{2028}' | '\u{2029}')) {
        return Err("send one line, without control characters".to_owned());
    }
    if !text.is_empty() && text.trim().is_empty() {
        return Err("send a text that is not blank".to_owned());
    }
    Ok(())
}

/// Control characters have no place in texts, and each would take six bytes where a letter takes four at most.
fn prose(text: &str) -> Result<(), String> {
    let plain = !text.contains(|it: char| it.is_control() && it != '\n');
    if plain { Ok(()) } else { Err("send a text without control characters but line feeds".to_owned()) }
}

/// An address is told by an `@` between two texts without blanks; whether it exists, only a letter can tell.
fn email(text: &str) -> Result<(), String> {
    let halves = text.split_once('@').filter(|(local, host)| !local.is_empty() && host.contains('.'));
    let plain = !text.contains(|it: char| it.is_whitespace() || it.is_control()) && text.len() <= 254;
    let plain = plain && text.matches('@').count() == 1 && !text.ends_with('.') && !text.contains("@.");
    if halves.is_some() && plain {
        Ok(())
    } else {
        Err("send one e-mail address, like ada@example.org".to_owned())
    }
}

/// A text passed its format and is none of its kind: a defect of the format.
#[derive(Debug, thiserror::Error)]
#[error("a text passed the format `{format}` and does not parse: {why}")]
struct Misread {
    format: &'static str,
    why: String,
}

/// What a text of a kind says, once the reader has let it pass.
pub(crate) fn said<T: FromStr<Err: Display>, K: TextKind>(text: &Text<K>) -> Result<T, Problem> {
    let misread = |err: T::Err| Problem::internal(Misread { format: K::FORMAT, why: err.to_string() });
    text.as_str().parse().map_err(misread)
}

/// A block, or an address as a block of one.
pub(crate) fn network(text: &Text<BlockText>) -> Result<IpNet, Problem> {
    match text.as_str().parse::<IpAddr>() {
        Ok(address) => Ok(address.into()),
        Err(_) => said(text),
    }
}

/// The same for each text of a list.
pub(crate) fn all_said<T: FromStr<Err: Display>, K: TextKind>(texts: &[Text<K>]) -> Result<Vec<T>, Problem> {
    texts.iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_line_that_says_something_and_prose_may_have_several() {
        assert!(label("ci: Übergabe 1").is_ok() && label("").is_ok(), "an empty one is too short instead");
        for bad in ["  ", "\u{3000}", "a\nb", "a\tb", "a\u{2028}b", "\u{85}", "\0"] {
            assert!(label(bad).is_err(), "{bad:?}");
        }
        assert!(prose("first\n\nsecond").is_ok());
        assert!(prose("a\rb").is_err());
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        assert!(email("ada@acme.test").is_ok());
        for bad in
            ["", "ada", "@acme.test", "ada@", "ada@acme", "a b@c.d", "a@b@c.d", "ada@.test", "ada@acme."]
        {
            assert!(email(bad).is_err(), "{bad}");
        }
    }
}
