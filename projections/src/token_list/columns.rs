//! The table of tokens.

use domain::time::Timestamp;
use store::{Row, SqlError, Value};

use super::{Ended, ListedTexts, ListedToken};
use crate::runner::{Blank, Id, Left, Personal, Record, Table, columns};
use crate::search;
use crate::who::Who;

pub(super) const TOKENS: Table = Table {
    name: "tokens",
    columns: &[
        "id",
        "organization",
        "holder_kind",
        "holder_id",
        "kind",
        "name",
        "description",
        "tags",
        "metadata",
        "external_id",
        "texts_subject",
        "scopes",
        "secrets",
        "created_by",
        "created_at",
        "starts_at",
        "expires_at",
        "revoked_at",
        "revoked_reason",
        "expired_at",
        "granted_under",
        "version",
        "issued_position",
        "position",
        "name_key",
        "expires_key",
        "tag_set",
        "found_by",
        "found_by_texts",
    ],
    ddl: "CREATE TABLE IF NOT EXISTS token_list.tokens (
        id TEXT PRIMARY KEY NOT NULL,
        organization TEXT,
        holder_kind TEXT NOT NULL,
        holder_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT,
        description TEXT,
        tags TEXT,
        metadata TEXT,
        external_id TEXT,
        texts_subject TEXT NOT NULL,
        scopes TEXT NOT NULL,
        secrets TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        starts_at BIGINT,
        expires_at BIGINT,
        revoked_at BIGINT,
        revoked_reason TEXT,
        expired_at BIGINT,
        granted_under TEXT NOT NULL,
        version BIGINT NOT NULL,
        issued_position BIGINT NOT NULL,
        position BIGINT NOT NULL,
        name_key TEXT NOT NULL,
        expires_key BIGINT NOT NULL,
        tag_set TEXT NOT NULL,
        found_by TEXT NOT NULL,
        found_by_texts TEXT
    )",
    indexes: &[
        "CREATE INDEX IF NOT EXISTS tokens_by_creation ON token_list.tokens (organization, created_at, id)",
        "CREATE INDEX IF NOT EXISTS tokens_alive ON token_list.tokens (organization, created_at, id) \
         WHERE revoked_at IS NULL AND expired_at IS NULL",
        "CREATE INDEX IF NOT EXISTS tokens_by_name ON token_list.tokens (organization, name_key, id)",
        "CREATE INDEX IF NOT EXISTS tokens_by_expiry ON token_list.tokens (organization, expires_key, id)",
        "CREATE INDEX IF NOT EXISTS tokens_by_holder ON token_list.tokens (organization, holder_id)",
    ],
    personal: &[Personal {
        subject: "texts_subject",
        left: Left::Blanks(&[
            ("name", Blank::Null),
            ("description", Blank::Null),
            ("tags", Blank::Null),
            ("metadata", Blank::Null),
            ("external_id", Blank::Null),
            ("name_key", Blank::Empty),
            ("tag_set", Blank::Empty),
            ("found_by_texts", Blank::Null),
        ]),
    }],
};

/// How many columns [`ListedToken`] is read from; those behind it are derived, to be searched and sorted by.
pub(super) const READ: usize = 24;

/// The place of a token that never expires among those that do.
const NEVER: i64 = i64::MAX;

impl Record for ListedToken {
    const TABLE: &'static Table = &TOKENS;

    fn id(&self) -> Id {
        self.id.to_string().into()
    }

    fn into_values(self) -> Vec<Value> {
        let texts = self.texts.as_ref();
        let found_by = found_by(&self);
        let optional = |value: Option<&String>| Value::from(value.map(String::as_str));
        vec![
            columns::text(&self.id),
            columns::optional_text(self.organization.as_ref()),
            self.holder.kind.into(),
            self.holder.id.into(),
            self.kind.as_str().into(),
            optional(texts.map(|it| &it.name)),
            optional(texts.and_then(|it| it.description.as_ref())),
            texts.map_or(Value::Null, |it| columns::to_json(&it.tags)),
            texts.map_or(Value::Null, |it| columns::to_json(&it.metadata)),
            optional(texts.and_then(|it| it.external_id.as_ref())),
            self.texts_subject.into(),
            columns::to_json(&self.scopes),
            columns::to_json(&self.secrets),
            columns::to_json(&self.created_by),
            self.created_at.micros().into(),
            columns::micros(self.starts_at),
            columns::micros(self.expires_at),
            columns::micros(self.ended.revoked_at),
            self.ended.revoked_reason.map_or(Value::Null, |it| columns::to_name(&it)),
            columns::micros(self.ended.expired_at),
            columns::to_json(&self.granted_under),
            self.version.into(),
            self.issued_position.0.into(),
            self.position.0.into(),
            texts.map(|it| search::fold(&it.name)).unwrap_or_default().into(),
            self.expires_at.map_or(NEVER, Timestamp::micros).into(),
            texts.map(|it| search::word_set(it.tags.iter().map(String::as_str))).unwrap_or_default().into(),
            found_by.into(),
            texts.map(found_by_texts).into(),
        ]
    }

    fn from_row(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            id: columns::parsed(row, 0)?,
            organization: columns::optional_parsed(row, 1)?,
            holder: Who { kind: row.text(2)?.to_owned(), id: row.text(3)?.to_owned() },
            kind: columns::named(row, 4)?,
            texts: texts(row)?,
            texts_subject: row.text(10)?.to_owned(),
            scopes: columns::json(row, 11)?,
            secrets: columns::json(row, 12)?,
            created_by: columns::json(row, 13)?,
            created_at: columns::instant(row, 14)?,
            starts_at: columns::optional_instant(row, 15)?,
            expires_at: columns::optional_instant(row, 16)?,
            ended: Ended {
                revoked_at: columns::optional_instant(row, 17)?,
                revoked_reason: columns::optional_named(row, 18)?,
                expired_at: columns::optional_instant(row, 19)?,
            },
            granted_under: columns::json(row, 20)?,
            version: row.unsigned(21)?,
            issued_position: columns::position(row, 22)?,
            position: columns::position(row, 23)?,
        })
    }
}

fn texts(row: &Row) -> Result<Option<ListedTexts>, SqlError> {
    let Some(name) = row.optional_text(5)? else { return Ok(None) };
    Ok(Some(ListedTexts {
        name: name.to_owned(),
        description: row.optional_text(6)?.map(str::to_owned),
        tags: columns::json(row, 7)?,
        metadata: columns::json(row, 8)?,
        external_id: row.optional_text(9)?.map(str::to_owned),
    }))
}

/// All that a part of finds the token and is nobody's text: its id, and the ids that its secrets show.
fn found_by(token: &ListedToken) -> String {
    let id = token.id.to_string();
    let secrets: Vec<String> = token.secrets.iter().map(|it| it.id.to_string()).collect();
    search::haystack(std::iter::once(id.as_str()).chain(secrets.iter().map(String::as_str)))
}

/// What people call it besides.
fn found_by_texts(texts: &ListedTexts) -> String {
    let parts = std::iter::once(texts.name.as_str()).chain(texts.external_id.as_deref());
    search::haystack(parts.chain(texts.tags.iter().map(String::as_str)))
}
