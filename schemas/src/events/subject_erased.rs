use domain::subject::Reason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `subject.erased.v1`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    reason: Code,
}

/// Why: the grounds of the GDPR, article 17 (1), and one for what has no other name.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Code {
    NoLongerNeeded,
    ConsentWithdrawn,
    Requested,
    Unlawful,
    LegalObligation,
    Unspecified,
}

impl From<Reason> for Data {
    fn from(reason: Reason) -> Self {
        let reason = match reason {
            Reason::NoLongerNeeded => Code::NoLongerNeeded,
            Reason::ConsentWithdrawn => Code::ConsentWithdrawn,
            Reason::Requested => Code::Requested,
            Reason::Unlawful => Code::Unlawful,
            Reason::LegalObligation => Code::LegalObligation,
            Reason::Unspecified => Code::Unspecified,
        };
        Self { reason }
    }
}

impl From<Data> for Reason {
    fn from(data: Data) -> Self {
        match data.reason {
            Code::NoLongerNeeded => Self::NoLongerNeeded,
            Code::ConsentWithdrawn => Self::ConsentWithdrawn,
            Code::Requested => Self::Requested,
            Code::Unlawful => Self::Unlawful,
            Code::LegalObligation => Self::LegalObligation,
            Code::Unspecified => Self::Unspecified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_stored_as_its_code() {
        for reason in Reason::ALL {
            let stored = serde_json::to_value(Data::from(reason)).unwrap();
            assert_eq!(stored, serde_json::json!({ "reason": reason.code() }));
            assert_eq!(Reason::from(serde_json::from_value::<Data>(stored).unwrap()), reason);
        }
    }
}
