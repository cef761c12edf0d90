CREATE TABLE lasts (
    lane  INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,
    hash  BLOB    NOT NULL,
    seal  BLOB    NOT NULL
) STRICT;
CREATE TABLE blocks (
    slot  INTEGER PRIMARY KEY,
    hash  BLOB    NOT NULL,
    bytes BLOB    NOT NULL
) STRICT;
CREATE TRIGGER lasts_are_never_changed BEFORE UPDATE ON lasts
BEGIN SELECT RAISE(ABORT, 'lasts are never changed'); END;
CREATE TRIGGER lasts_are_never_deleted BEFORE DELETE ON lasts
BEGIN SELECT RAISE(ABORT, 'lasts are never deleted'); END;
CREATE TRIGGER blocks_are_never_changed BEFORE UPDATE ON blocks
BEGIN SELECT RAISE(ABORT, 'blocks are never changed'); END;
CREATE TRIGGER blocks_are_never_deleted BEFORE DELETE ON blocks
BEGIN SELECT RAISE(ABORT, 'blocks are never deleted'); END;
