//! The permissions that operations need, as names that the compiler knows.

use std::sync::LazyLock;

use domain::permission::PermissionName;

/// Makes the enum, its texts and its list from one row per permission.
macro_rules! needs {
    ($($variant:ident $text:literal;)+) => {
        /// A permission that an operation asks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Needs {
            $(#[doc = concat!("`", $text, "`.")] $variant,)+
        }

        impl Needs {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Its name, parsed once; nothing only if it were misspelt, which a test rules out.
            pub fn name(self) -> Option<&'static PermissionName> {
                match self {
                    $(Self::$variant => {
                        static NAME: LazyLock<Option<PermissionName>> = LazyLock::new(|| $text.parse().ok());
                        NAME.as_ref()
                    })+
                }
            }
        }
    };
}

needs! {
    TokensRead "tokens:read";
    TokensWrite "tokens:write";
    TokensRevoke "tokens:revoke";
    TokensVerify "tokens:verify";
    PermissionsRead "permissions:read";
    AuditRead "audit:read";
    PersonalDataRead "personal-data:read";
    PersonalDataErase "personal-data:erase";
    PlatformOrganizations "platform:organizations";
    PlatformCatalogue "platform:catalogue";
    PlatformVerify "platform:verify";
    PlatformAudit "platform:audit";
    PlatformOperate "platform:operate";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_knows_every_one_of_them() {
        let catalogue = domain::catalogue::Catalogue::default();
        for needs in Needs::ALL {
            let name = needs.name().unwrap();
            assert_eq!(name.as_str(), needs.text());
            assert!(catalogue.get(name).is_some(), "{name}");
        }
    }
}
