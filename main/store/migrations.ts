/**
 * The store's schema, one step a version. A step that was released is never edited: a new one follows it.
 * Each runs in one transaction together with its `user_version`, so that a kill leaves the version before or after.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    -- 1 while the title is the first message's beginning or the placeholder, 0 once a person has named it.
    untitled INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Set while a deletion can be undone.
    deleted_at INTEGER
  ) STRICT;

  CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('streaming', 'complete', 'stopped', 'failed', 'interrupted')),
    created_at INTEGER NOT NULL,
    -- JSON, as the contract has them.
    figures TEXT,
    error TEXT,
    UNIQUE (conversation_id, position)
  ) STRICT;

  CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    -- JSON.
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE models (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Absolute path of the .pte.
    program TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    license TEXT,
    added_at INTEGER NOT NULL,
    used_at INTEGER
  ) STRICT;
  `,
];
