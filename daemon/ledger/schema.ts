/** 'VSHL' in the file's header: tells a ledger from any other SQLite file. */
export const APPLICATION_ID = 0x5653484c;

/**
 * Version 1.
 * - `event`: times are REAL because a clock may have fractions, and a replay must see exactly what the hub saw.
 * - `snapshot`: `hash` is NULL while its parts are still being written; such a snapshot does not exist for a reader.
 */
export const SCHEMA_1 = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    origin TEXT NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0,
    boot_id TEXT
  ) STRICT;

  CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    wall_ms REAL NOT NULL,
    up_ms REAL NOT NULL,
    boot_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    who TEXT,
    appliance TEXT,
    body TEXT NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;

  CREATE TABLE snapshot (
    seq INTEGER PRIMARY KEY,
    up_ms REAL NOT NULL,
    created_wall_ms REAL NOT NULL,
    hash BLOB
  ) STRICT;

  CREATE TABLE snapshot_part (
    seq INTEGER NOT NULL REFERENCES snapshot (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (seq, part)
  ) STRICT;
`;

/**
 * Version 2: what a ledger was restored from. `token_floor` repeats what its last `restored` event says, for whoever puts
 * another ledger in its place and cannot replay this one.
 */
export const SCHEMA_2 = `
  ALTER TABLE meta ADD COLUMN restored_from_origin TEXT;
  ALTER TABLE meta ADD COLUMN restored_from_seq INTEGER;
  ALTER TABLE meta ADD COLUMN restored_wall_ms REAL;
  ALTER TABLE meta ADD COLUMN token_floor INTEGER NOT NULL DEFAULT 0;
`;
