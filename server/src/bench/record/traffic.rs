//! Who calls: tokens of many holders in many organisations, one after the other in an order that looks random.

use std::net::{IpAddr, Ipv4Addr};

use commands::recorder::Recorder;
use domain::{
    actor::Holder,
    ids::{OrganizationId, ServiceAccountId},
    permission::PermissionName,
    time::Timestamp,
};
use schemas::usage::{Asker, Circumstances, Credential, Decided, Endpoint, Layer, Outcome};

use crate::bench::dice::{Purpose, bytes, shuffled};

/// Tokens of each holder, and holders of each organisation.
const TOKENS: u32 = 10;
const HOLDERS: u32 = 100;

const AGENTS: [&str; 4] = ["python-requests/2.32.3", "Go-http-client/1.1", "okhttp/4.12.0", "axios/1.7.9"];
const PERMISSIONS: [&str; 4] = ["invoices:read", "invoices:write", "reports:read", "agents:read"];
const PATHS: [&str; 4] = ["/v1/invoices", "/v1/invoices/42", "/v1/reports", "/v1/agents"];

/// Decisions to be recorded, again and again.
pub(super) struct Traffic {
    calls: Vec<Call>,
    permissions: Vec<PermissionName>,
    gateway: Asker,
}

struct Call {
    decided: Decided,
    address: IpAddr,
    kind: usize,
}

impl Traffic {
    /// Over so many tokens.
    pub(super) fn over(tokens: u32) -> Self {
        let calls = shuffled(tokens).into_iter().map(Call::of).collect();
        let permissions = PERMISSIONS.iter().filter_map(|it| it.parse().ok()).collect();
        let gateway = Asker { credential: Credential { token: 8, secret: 80 }, organization: None };
        Self { calls, permissions, gateway }
    }

    /// All holders and organisations, as their keys are named.
    pub(super) fn subjects(&self) -> Vec<String> {
        let holders = self.calls.iter().filter_map(|it| it.decided.holder).map(|it| it.to_string());
        let organizations = self.calls.iter().filter_map(|it| it.decided.organization);
        holders.chain(organizations.map(|it| it.to_string())).collect()
    }

    /// Records one of them.
    pub(super) fn record(&self, recorder: &Recorder, number: u32, now: Timestamp) {
        let place = number as usize % self.calls.len().max(1);
        let Some(call) = self.calls.get(place) else { return };
        let path = PATHS.get(call.kind).copied().unwrap_or_default();
        let permission = self.permissions.get(call.kind..=call.kind).unwrap_or_default();
        recorder.record(
            &call.decided,
            &Circumstances {
                asker: Some(self.gateway),
                permissions: permission,
                endpoint: Some(Endpoint { method: "GET", path }),
                address: Some(call.address),
                user_agent: AGENTS.get(call.kind).copied(),
                ..Circumstances::at(now.micros())
            },
        );
    }
}

impl Call {
    fn of(token: u32) -> Self {
        let (holder, organization) = (token / TOKENS, token / TOKENS / HOLDERS);
        let id = |number: u32| u128::from_be_bytes(bytes(Purpose::Id, u64::from(number)));
        let address: [u8; 4] = bytes(Purpose::Stream, u64::from(holder));
        Self {
            decided: Decided {
                token: Some(Credential { token: id(token), secret: id(token) >> 44 }),
                holder: Some(Holder::ServiceAccount(ServiceAccountId::from_bits(id(holder)))),
                organization: Some(OrganizationId::from_bits(id(organization))),
                outcome: Outcome::VALID,
                layer: Layer::NONE,
                position: 7,
            },
            address: Ipv4Addr::from(address).into(),
            kind: (holder % 4) as usize,
        }
    }
}
