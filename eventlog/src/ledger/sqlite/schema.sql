CREATE TABLE records (
    position INTEGER PRIMARY KEY,
    stream   TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    event_id BLOB    NOT NULL,
    leaf     BLOB    NOT NULL,
    bytes    BLOB    NOT NULL,
    UNIQUE (stream, version)
) STRICT;
CREATE TRIGGER records_are_never_changed BEFORE UPDATE ON records
BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER records_are_never_deleted BEFORE DELETE ON records
BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
