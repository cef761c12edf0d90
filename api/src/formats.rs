//! The domain's own texts, as fields of bodies and queries: checked while the body is read, so that all faults are
//! told at once.

use domain::{
    endpoint::{self, EndpointPattern},
    ids::MemberId,
    permission::PermissionName,
    scope::Scope,
    slug::Slug,
    time::{Lifespan, Timestamp},
};
use std::{fmt::Display, str::FromStr};

use crate::body::{Formats, Text, TextFormat, TextKind};
use crate::problem::FieldCode;

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
    LabelText, "label", OutOfRange, label, "A text for people, without control characters.";
    EmailText, "e-mail", OutOfRange, email, "An e-mail address.";
    MethodText, "http-method", OutOfRange, method, "An HTTP method, upper case.";
    AddressText, "ip-address", CidrInvalid, parses::<std::net::IpAddr>, "An IPv4 or IPv6 address.";
    BlockText, "address-block", CidrInvalid, block, "An address, or a block of them: `203.0.113.0/24`.";
    MemberIdText, "member-id", OutOfRange, parses::<MemberId>, "A member's id: `mem_…`.";
}

fn parses<T: FromStr<Err: Display>>(text: &str) -> Result<(), String> {
    text.parse::<T>().map(|_| ()).map_err(|err| err.to_string())
}

fn block(text: &str) -> Result<(), String> {
    if text.parse::<ipnet::IpNet>().is_ok() || text.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    Err("send an address, or a block like 203.0.113.0/24".to_owned())
}

fn method(text: &str) -> Result<(), String> {
    if endpoint::is_method(text) {
        Ok(())
    } else {
        Err("send an HTTP method in upper case, like GET".to_owned())
    }
}

/// Control characters have no place in labels, and each would take six bytes where a letter takes four at most.
fn label(text: &str) -> Result<(), String> {
    let plain = !text.contains(|it: char| it.is_control() && it != '\n');
    if plain { Ok(()) } else { Err("send a text without control characters".to_owned()) }
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

/// What a text of a kind says, once the reader has let it pass.
pub(crate) fn said<T: FromStr<Err: Display>, K>(text: &Text<K>) -> Result<T, crate::problem::Problem> {
    text.as_str().parse().map_err(|err: T::Err| {
        let fault = crate::problem::FieldFault::new("", FieldCode::WrongType, err.to_string());
        crate::problem::Problem::invalid_body(vec![fault])
    })
}

/// The same for each text of a list.
pub(crate) fn all_said<T: FromStr<Err: Display>, K>(
    texts: &[Text<K>],
) -> Result<Vec<T>, crate::problem::Problem> {
    texts.iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
