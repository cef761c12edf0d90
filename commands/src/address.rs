//! E-mail addresses as the address book knows them: keyed tags, which say nothing without the key.

use crate::context::MacKey;
use domain::ids::OrganizationId;

/// The tag of an address within an organisation: the same for what people take for the same address.
pub(crate) fn tag(key: &MacKey, organization: OrganizationId, email: &str) -> [u8; 32] {
    let address = email.trim().to_lowercase();
    key.sign(&[organization.to_string().as_bytes(), address.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_address_has_one_tag_in_one_organisation() {
        let key = MacKey::new("a1".parse().unwrap(), &[1; 32]);
        let (acme, other) = (OrganizationId::from_bits(1), OrganizationId::from_bits(2));
        assert_eq!(tag(&key, acme, " Ada@Acme.test"), tag(&key, acme, "ada@acme.test"));
        assert_ne!(tag(&key, acme, "ada@acme.test"), tag(&key, other, "ada@acme.test"));
    }
}
