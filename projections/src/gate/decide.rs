//! Questions about tokens: parse, checksum, digest, status, permissions and endpoint, in this order; the first
//! refusal is the answer.

use std::sync::Arc;

use domain::{permission::PermissionName, time::Timestamp};
use eventlog::Position;
use schemas::usage::{Decided, Unrecorded};

use super::{
    Asker, Code, Decision, DeniedBy, Denier, Gate, Layer, Question, Subject, Unsound,
    ability::{Ability, Lack},
    columns,
    prove::Proven,
    status::{Status, status},
    tables::{HolderRow, Standing, Tables},
};

/// An answer before it is known whether the asker may have it.
struct Verdict<'q> {
    code: Code,
    missing_permissions: Vec<&'q PermissionName>,
    denied_by: Option<DeniedBy>,
}

impl Gate {
    /// The answer to a question, at this instant of the ledger clock, closed until it is recorded.
    ///
    /// What does not concern the asker is not found, after the same work.
    ///
    /// # Errors
    /// When the gate is damaged, or has been behind the ledger for too long: then nobody has an answer.
    pub fn decide<'q>(
        &self,
        question: &Question<'q>,
        now: Timestamp,
    ) -> Result<Unrecorded<Decision<'q>>, Unsound> {
        let tables = self.sound_tables()?;
        let position = tables.position;
        let proven = match self.prove(&tables, question.token) {
            Ok(proven) => proven,
            Err(why) => {
                let decided = Decided::unproven(why.outcome(), position.0);
                return Ok(Unrecorded::new(not_found(position), decided));
            }
        };
        let verdict = judge(&tables, &proven, question, now);
        let subject = subject(&tables, &proven, question.asker);
        let decision = subject.map_or(not_found(position), |subject| Decision {
            code: verdict.code,
            position,
            subject: Some(subject),
            missing_permissions: verdict.missing_permissions,
            denied_by: verdict.denied_by,
        });
        let layer = decision.denied_by.as_ref().map(|it| it.layer);
        let decided = columns::of(&tables, &proven, columns::outcome(decision.code), columns::layer(layer));
        Ok(Unrecorded::new(decision, decided))
    }
}

fn not_found<'q>(position: Position) -> Decision<'q> {
    let missing_permissions = Vec::new();
    Decision { code: Code::NotFound, position, subject: None, missing_permissions, denied_by: None }
}

/// The token, as the asker may see it; nothing where it does not concern them.
fn subject(tables: &Tables, proven: &Proven<'_>, asker: Asker) -> Option<Subject> {
    let token = proven.token;
    let organization = tables.organizations.get(token.organization?)?.id;
    match asker {
        Asker::Organization(id) if id != organization => return None,
        Asker::Organization(_) | Asker::Platform => {}
    }
    let extras = token.extras.as_deref();
    Some(Subject {
        token: token.id,
        secret: proven.secret,
        kind: token.kind,
        organization,
        holder: tables.holders.get(token.holder)?.holder(),
        name: tables.texts.text(&token.name).map(Box::from),
        scopes: Arc::clone(&tables.rulebook.list(token.scopes)?.scopes),
        expires_at: token.expires_at.get(),
        metadata: extras.and_then(|it| it.metadata.clone()),
        external_id: extras.and_then(|it| it.external_id.clone()),
    })
}

fn judge<'q>(tables: &Tables, proven: &Proven<'_>, question: &Question<'q>, now: Timestamp) -> Verdict<'q> {
    let of_token = Denier::Token(proven.token.id);
    match status(tables, proven, now) {
        Status::Live(holder, standing) => permit(tables, proven, holder, standing, question),
        Status::Revoked { .. } => refuse(Code::Revoked, Layer::Status, of_token),
        Status::Expired { .. } => refuse(Code::Expired, Layer::Status, of_token),
        Status::SecretReplaced { .. } => refuse(Code::Revoked, Layer::Secret, Denier::Secret(proven.secret)),
        Status::NotYetValid { .. } => refuse(Code::NotYetValid, Layer::Status, of_token),
        Status::HolderInactive => match tables.holders.get(proven.token.holder) {
            Some(holder) => refuse(Code::HolderInactive, Layer::Status, Denier::Holder(holder.holder())),
            None => refuse(Code::HolderInactive, Layer::Status, of_token),
        },
    }
}

fn refuse<'q>(code: Code, layer: Layer, id: Denier) -> Verdict<'q> {
    let denied_by = Some(DeniedBy { layer, id: Some(id) });
    Verdict { code, missing_permissions: Vec::new(), denied_by }
}

/// What the token asks for and its holder's role grants, against what was asked.
fn permit<'q>(
    tables: &Tables,
    proven: &Proven<'_>,
    holder: &HolderRow,
    standing: Standing,
    question: &Question<'q>,
) -> Verdict<'q> {
    let ability = Ability::of(tables, proven.token, holder, standing);
    let missing = |it: &&PermissionName| ability.lacks(it).is_some();
    let missing_permissions: Vec<&PermissionName> = question.permissions.iter().filter(missing).collect();
    let lacking = match missing_permissions.first() {
        Some(name) => ability.lacks(name),
        None => question.endpoint.and_then(|it| ability.lacks_endpoint(it)),
    };
    let denied_by = lacking.map(|it| match it {
        Lack::Scope => DeniedBy { layer: Layer::Scope, id: Some(Denier::Token(proven.token.id)) },
        Lack::Role => {
            let role = tables.rulebook.role(standing.role);
            DeniedBy { layer: Layer::Role, id: role.map(|it| Denier::Role(Arc::clone(&it.slug))) }
        }
    });
    let code = if denied_by.is_none() { Code::Valid } else { Code::InsufficientPermissions };
    Verdict { code, missing_permissions, denied_by }
}
