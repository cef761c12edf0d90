use proptest::prelude::*;

use super::*;

fn sql(text: &str) -> String {
    translate(text).unwrap().sql
}

#[test]
fn placeholders_become_numbered_in_any_order() {
    assert_eq!(sql("SELECT $2, $1, $2 WHERE a=$10"), "SELECT ?2, ?1, ?2 WHERE a=?10");
}

#[test]
fn quotes_and_comments_stay_as_they_are() {
    let untouched = "SELECT 'a ''$1', \"$2\" /* $3 ' */ -- $4 '";
    assert_eq!(sql(untouched), untouched);
}

#[test]
fn tables_are_strict_and_typed_for_sqlite() {
    assert_eq!(
        sql("CREATE TABLE v.t (a BIGINT PRIMARY KEY, b BYTEA NOT NULL, c BOOLEAN, d TEXT);\n"),
        "CREATE TABLE v.t (a INTEGER PRIMARY KEY, b BLOB NOT NULL, c INTEGER, d TEXT)\nSTRICT"
    );
    assert_eq!(sql("ALTER TABLE t ADD COLUMN a BOOLEAN"), "ALTER TABLE t ADD COLUMN a INTEGER");
}

#[test]
fn types_outside_of_table_definitions_stay() {
    let untouched = "SELECT CAST(SUM(x) AS BIGINT) FROM t";
    assert_eq!(sql(untouched), untouched);
}

#[test]
fn an_index_takes_the_schema_of_its_table() {
    assert_eq!(
        sql("CREATE UNIQUE INDEX IF NOT EXISTS by_holder ON token_list.tokens (holder, id)"),
        "CREATE UNIQUE INDEX IF NOT EXISTS token_list.by_holder ON tokens (holder, id)"
    );
    let plain = "CREATE INDEX by_holder ON tokens (holder) WHERE on_hold";
    assert_eq!(sql(plain), plain);
}

#[test]
fn what_may_write_is_told_from_what_reads() {
    for reads in [
        "select 1",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "VALUES (1)",
        "SELECT 'DELETE' -- UPDATE",
        "SELECT replace(a, 'x', 'y'), updated_at FROM t",
    ] {
        assert!(!translate(reads).unwrap().writes, "{reads}");
    }
    for writes in [
        "insert into t values (1) returning a",
        "WITH a AS (SELECT 1) UPDATE t SET b = 1",
        "DROP TABLE t",
        "PRAGMA user_version = 1",
        "/* SELECT */ VACUUM",
    ] {
        assert!(translate(writes).unwrap().writes, "{writes}");
    }
}

#[test]
fn qualifiers_are_what_stands_before_a_full_stop() {
    let found = translate("SELECT t.a, t.b FROM token_list.tokens t JOIN audit . events ON 'x.y'");
    assert_eq!(found.unwrap().qualifiers, ["t", "token_list", "audit"]);
}

#[test]
fn one_statement_at_a_time() {
    assert!(translate("SELECT 1; DELETE FROM t").is_err());
    assert!(translate("SELECT 1; -- done;\n ;").is_ok());
    assert!(translate(" -- nothing\n").is_err());
    assert!(translate(";").is_err());
}

/// A piece of SQL text, and what becomes of it.
fn piece() -> impl Strategy<Value = (String, String)> {
    let same = |text: String| (text.clone(), text);
    prop_oneof![
        (1u32..200).prop_map(|n| (format!("${n}"), format!("?{n}"))),
        "'([a-z$0-9 \"/*-]|''){0,12}'".prop_map(same),
        "\"([a-z$0-9 '/*-]|\"\"){1,12}\"".prop_map(same),
        "/\\*[a-z$0-9 '\"-]{0,12}\\*/".prop_map(same),
        "--[a-z$0-9 '\"*/;-]{0,12}\n".prop_map(same),
        "[a-z_][a-z0-9_$]{0,6}".prop_map(same),
        "[(),=<>+.]".prop_map(same),
    ]
}

proptest! {
    #[test]
    fn only_placeholders_outside_of_quotes_and_comments_change(
        pieces in prop::collection::vec(piece(), 0..20)
    ) {
        let join = |all: Vec<&str>| format!("SELECT {}", all.join(" "));
        let shared = join(pieces.iter().map(|(before, _)| before.as_str()).collect());
        let expected = join(pieces.iter().map(|(_, after)| after.as_str()).collect());
        prop_assert_eq!(sql(&shared), expected);
    }

    #[test]
    fn no_text_makes_it_panic(text in "([ -~]|\\PC|\n|CREATE INDEX | ON |CREATE TABLE |\\$1){0,40}") {
        let _ = translate(&text);
    }
}
