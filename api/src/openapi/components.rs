//! What operations refer to instead of repeating it.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::problem::{Code, FieldFault};

/// The components; taken last, when all operations have named their schemas.
pub(super) fn components(generator: &mut SchemaGenerator) -> Value {
    let problem = problem(generator);
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Problem".to_owned(), problem);
    schemas.sort_keys();
    json!({
        "schemas": schemas,
        "parameters": parameters(),
        "headers": headers(),
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "A token of this service: `Authorization: Bearer c9d_…`.",
            },
        },
    })
}

/// RFC 9457 problem details with our members; further members say more about some codes.
fn problem(generator: &mut SchemaGenerator) -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.text()).collect();
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let mut properties = Map::new();
    let mut add = |name: &str, schema: Value| properties.insert(name.to_owned(), schema);
    add(
        "type",
        json!({"type": "string", "format": "uri-reference",
        "description": "`/problems/{code}`, a page of this server; for 429 the registered type of exceeded quotas."}),
    );
    add("title", json!({"type": "string", "description": "The same for each occurrence of the code."}));
    add("status", json!({"type": "integer", "description": "The HTTP status."}));
    add("detail", json!({"type": "string", "description": "What to do about this occurrence."}));
    add("code", json!({"type": "string", "enum": codes, "description": "Stable; match on this."}));
    add(
        "request_id",
        json!({"type": "string", "description": "The id under which this side knows the request."}),
    );
    add(
        "errors",
        json!({"type": "array", "items": generator.subschema_for::<FieldFault>(),
        "description": "All faults of fields or parameters at once."}),
    );
    add("missing_scopes", texts());
    add("required", texts());
    add("grantable_by", texts());
    add("policy_rule", json!({"type": "string"}));
    add(
        "retry_after_s",
        json!({"type": "integer", "minimum": 0, "description": "Seconds, as in `Retry-After`."}),
    );
    json!({
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": properties,
        "additionalProperties": true,
    })
}

fn parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The same key with the same request is done once, for 24 hours; with another request it is refused.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        },
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": false,
            "description": "The `ETag` that was read; the change is refused when the thing has changed since.",
            "schema": {"type": "string"},
        },
        "Position": {
            "name": "Counterfoil-Position", "in": "header", "required": false,
            "description": "A position that was answered before; the answer reflects it, or is 503.",
            "schema": {"type": "string"},
        },
        "Organization": {
            "name": "Counterfoil-Organization", "in": "header", "required": false,
            "description": "The organization to act in, for credentials that span several.",
            "schema": {"type": "string"},
        },
    })
}

fn headers() -> Value {
    json!({
        "Position": {
            "description": "The position of the log that the answer reflects; on refusals too, where a credential was asked for.",
            "schema": {"type": "string"},
        },
        "TokenExpires": {
            "description": "When the credential presented ends; said on every answer in its last 30 days.",
            "schema": {"type": "string", "format": "date-time"},
        },
        "RetryAfter": {
            "description": "Seconds until it is worth trying again.",
            "schema": {"type": "integer", "minimum": 0},
        },
    })
}
