use super::{Sealed, encode, samples, subjects};
use crate::sealing::KeySet;
use domain::{
    actor::Request,
    erasable::Erasable::{Erased, Known},
    fact::{Fact, Recorded},
    token::{self, Texts},
};
use proptest::prelude::*;

fn stored(recorded: &Recorded) -> (Vec<u8>, KeySet) {
    let keys = samples::keys(&subjects(recorded));
    (encode(recorded, &keys, &samples::Counting::default()).unwrap(), keys)
}

fn issued(texts: Texts) -> Recorded {
    let mut issuance = samples::issuance();
    issuance.texts = Known(texts);
    let (_, sample) = samples::samples().swap_remove(4);
    Recorded { fact: Fact::Token(token::Event::Issued(Box::new(issuance))), ..sample }
}

fn any_texts() -> impl Strategy<Value = Texts> {
    let optional = || proptest::option::of(".{0,20}");
    let tags = proptest::collection::vec(".{1,8}", 0..4);
    let metadata = proptest::collection::btree_map(".{1,6}", ".{0,6}", 0..4);
    (".{1,20}", optional(), optional(), tags, metadata, optional()).prop_map(
        |(name, description, reason, tags, metadata, external_id)| Texts {
            name,
            description,
            reason,
            tags,
            metadata,
            external_id,
        },
    )
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(texts in any_texts(), version in 1_u64.., id in ".{0,20}", agent in ".{0,40}") {
        let mut recorded = issued(texts);
        recorded.version = version;
        recorded.request = Some(Request { id, ip: None, user_agent: Some(Known(agent)) });
        let (bytes, keys) = stored(&recorded);
        prop_assert_eq!(Sealed::parse(&bytes).unwrap().open(&keys).unwrap(), recorded);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(at: prop::sample::Index, to: u8) {
        for (_, sample) in samples::samples() {
            let (mut bytes, keys) = stored(&sample);
            let at = at.index(bytes.len());
            bytes[at] = to;
            let _ = Sealed::parse(&bytes).map(|it| it.open(&keys));
        }
    }

    #[test]
    fn callers_texts_and_addresses_never_stand_in_clear(word in "[a-z]{12}") {
        let texts = Texts { name: word.clone(), tags: vec![word.clone()], ..Texts::default() };
        let mut recorded = issued(texts);
        recorded.request = Some(Request { id: String::new(), ip: None, user_agent: Some(Known(word.clone())) });
        let (bytes, _) = stored(&recorded);
        prop_assert!(!String::from_utf8(bytes).unwrap().contains(&word));
    }
}

#[test]
fn without_a_key_what_it_sealed_is_erased_and_the_fact_stays() {
    let recorded = issued(Texts { name: "ci".to_owned(), ..Texts::default() });
    let (bytes, _) = stored(&recorded);
    let read = Sealed::parse(&bytes).unwrap().open(&KeySet::default()).unwrap();
    let Fact::Token(token::Event::Issued(issuance)) = &read.fact else { panic!("another fact") };
    assert_eq!(issuance.texts, Erased);
    assert_eq!(issuance.scopes, samples::issuance().scopes);
    assert_eq!(read.request.unwrap().ip, Some(Erased));
}

#[test]
fn unknown_fields_and_kinds_are_refused() {
    let (bytes, keys) = stored(&issued(Texts::default()));
    let text = String::from_utf8(bytes).unwrap();
    let more = text.replace("\"version\"", "\"extra\":1,\"version\"");
    assert!(Sealed::parse(more.as_bytes()).is_err());
    for (from, to) in [("token.issued.v1", "token.issued.v7"), ("\"scopes\"", "\"unheard_of\":1,\"scopes\"")]
    {
        let other = text.replace(from, to);
        assert!(Sealed::parse(other.as_bytes()).unwrap().open(&keys).is_err(), "{to}");
    }
}
