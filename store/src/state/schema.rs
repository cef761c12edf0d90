//! The steps that make the state's tables. A step that was ever released never changes; what
//! must change is a further step.

use super::migrate::Step;

pub(super) const STEPS: &[Step] = &[
    Step {
        number: 1,
        statements: &[
            "CREATE TABLE keyring (
            subject TEXT PRIMARY KEY,
            wrapped BYTEA NOT NULL
        )",
            "CREATE TABLE address_book (
            organization TEXT NOT NULL,
            tag BYTEA NOT NULL,
            member TEXT NOT NULL,
            PRIMARY KEY (organization, tag)
        )",
            "CREATE TABLE ledger_mark (
            id BIGINT PRIMARY KEY CHECK (id = 1),
            incarnation BIGINT NOT NULL,
            position BIGINT,
            leaf BYTEA
        )",
            "INSERT INTO ledger_mark (id, incarnation) VALUES (1, 1)",
        ],
    },
    Step {
        number: 2,
        statements: &["CREATE TABLE node_start (
            start BYTEA PRIMARY KEY,
            lane BIGINT NOT NULL,
            began BIGINT NOT NULL
        )"],
    },
];
