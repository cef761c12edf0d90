//! Counterfoil's own permissions: what each lets one do, its risk, and the roles that grant it.

use crate::permission::{Permission, Risk};

/// One row: name, what it lets one do, risk, and a letter for each role: owner, admin, developer, viewer, security,
/// compliance, gateway, platform operator.
type Row = (&'static str, &'static str, Risk, &'static str);

use Risk::{Critical, High, Low, Medium};

#[rustfmt::skip]
const ROWS: [Row; 53] = [
    ("tokens:read", "see tokens within one's visibility, their usage and permissions", Low, "OADVSC"),
    ("tokens:write", "create, edit, rotate and replace tokens of oneself and of service accounts one owns", High, "OADVSC"),
    ("tokens:manage", "the same for every holder; change scopes and limits of others; bulk", Critical, "OA"),
    ("tokens:revoke", "suspend, resume and revoke any token", High, "OAS"),
    ("tokens:verify", "ask the gate about the organisation's tokens", Medium, "OADG"),
    ("usage:report", "report what calls did", Low, "OADG"),
    ("personal-data:read", "see addresses, user agents and e-mail addresses of others", High, "OASC"),
    ("personal-data:erase", "delete a subject's key", Critical, "OC"),
    ("organization:read", "see settings, plan and kill-switch state", Low, "OADVSC"),
    ("organization:write", "change settings, notifications, retention and sign-on", High, "OA"),
    ("kill-switch:write", "engage, release and drill the kill switch", Critical, "OAS"),
    ("members:read", "see members and their roles", Low, "OADVSC"),
    ("members:write", "invite, change the role of, suspend and remove members", High, "OA"),
    ("teams:read", "see teams", Low, "OADVSC"),
    ("teams:write", "create teams, change their members, ceiling and limits", Medium, "OA"),
    ("roles:read", "see roles", Low, "OADVSC"),
    ("roles:write", "define, change and retire roles", Critical, "OA"),
    ("permissions:read", "see the catalogue, and who holds what", Low, "OADVSC"),
    ("service-accounts:read", "see service accounts, their bindings and patterns", Low, "OADVSC"),
    ("service-accounts:write", "create service accounts within one's own role, bind and disable them", High, "OAD"),
    ("policy:read", "see the policy and its violations", Low, "OADVSC"),
    ("policy:write", "change and simulate the policy", Critical, "OAS"),
    ("approvals:read", "see requests for approval", Low, "OASC"),
    ("approvals:decide", "approve or deny requests, never one's own", High, "OAS"),
    ("templates:read", "see use-case templates", Low, "OADVSC"),
    ("templates:write", "define use-case templates", Medium, "OA"),
    ("limits:read", "see plans, limits and quotas", Low, "OADVSC"),
    ("limits:write", "change limits of organisation, team and account; override within the plan's cap", High, "OA"),
    ("agents:read", "see agents and their metrics", Low, "OADVSC"),
    ("agents:write", "create, change and delete agents", Medium, "OAD"),
    ("agents:execute", "start and cancel runs of agents", Medium, "OAD"),
    ("executions:read", "see runs with input, output and log", Medium, "OADS"),
    ("executions:write", "run agents: claim, step and finish", Medium, "OAD"),
    ("analytics:read", "see analytics within one's visibility", Low, "OADVSC"),
    ("analytics:export", "export analytics, schedule reports", Medium, "OADSC"),
    ("alerts:read", "see alerts and what needs attention", Low, "OASC"),
    ("alerts:write", "acknowledge and dismiss alerts", Medium, "OAS"),
    ("incidents:read", "see incidents and the blast radius of tokens", Medium, "OASC"),
    ("incidents:write", "note, assign and resolve incidents", Medium, "OAS"),
    ("detectors:read", "see detectors and their back-tests", Low, "OASC"),
    ("detectors:write", "change thresholds and playbooks", Critical, "OS"),
    ("audit:read", "search the audit, see the state at any time, and proofs", Medium, "OASC"),
    ("audit:export", "export the audit and bundles", High, "OSC"),
    ("audit:hold", "set and lift legal holds", High, "OC"),
    ("events:read", "subscribe to token events", Medium, "OADSC"),
    ("webhooks:read", "see webhooks and deliveries", Low, "OADS"),
    ("webhooks:write", "create webhooks, rotate their secrets, deliver again", High, "OA"),
    ("platform:organizations", "register organisations, change their plan, suspend them", Critical, "P"),
    ("platform:plans", "define plans", High, "P"),
    ("platform:catalogue", "define permissions and templates", High, "P"),
    ("platform:verify", "ask the gate about all organisations", High, "P"),
    ("platform:operate", "projections, backup, keys, metrics", Critical, "P"),
    ("platform:audit", "see the operators' own audit", High, "P"),
];

/// The rows as catalogue entries, in the order of the table.
pub(super) fn permissions() -> impl Iterator<Item = Permission> {
    ROWS.iter().filter_map(|(name, description, risk, roles)| {
        Some(Permission {
            name: name.parse().ok()?,
            description: (*description).to_owned(),
            risk: *risk,
            endpoints: Vec::new(),
            implies: implied(name).iter().filter_map(|it| it.parse().ok()).collect(),
            roles: roles.chars().filter_map(role).filter_map(|it| it.parse().ok()).collect(),
            builtin: true,
            retired: false,
        })
    })
}

/// What a permission gives beyond the rule that writing implies reading.
fn implied(name: &str) -> &'static [&'static str] {
    match name {
        "tokens:manage" => &["tokens:write", "tokens:revoke"],
        _ => &[],
    }
}

fn role(letter: char) -> Option<&'static str> {
    match letter {
        'O' => Some("owner"),
        'A' => Some("admin"),
        'D' => Some("developer"),
        'V' => Some("viewer"),
        'S' => Some("security"),
        'C' => Some("compliance"),
        'G' => Some("gateway"),
        'P' => Some("operator"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_permission_with_roles() {
        let all: Vec<Permission> = permissions().collect();
        assert_eq!(all.len(), ROWS.len());
        assert!(all.iter().zip(ROWS).all(|(it, row)| it.roles.len() == row.3.len()));
    }
}
