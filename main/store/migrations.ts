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
  // Messages become a tree: what was edited or answered again stays beside what replaced it.
  `
  -- No foreign key: a chain may be longer than the actions of a cascade may nest.
  ALTER TABLE messages ADD COLUMN parent_id TEXT;
  -- Messages between this one and the beginning.
  ALTER TABLE messages ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
  -- 1 for the one of several with the same parent that is shown.
  ALTER TABLE messages ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
  -- Set while a deletion can be undone; all messages of one deletion have the same.
  ALTER TABLE messages ADD COLUMN deleted_at INTEGER;
  -- JSON: text files that came with the message.
  ALTER TABLE messages ADD COLUMN attachments TEXT;
  UPDATE messages SET parent_id = chain.parent_id, depth = chain.depth
  FROM (
    SELECT id, lag(id) OVER conversation AS parent_id, row_number() OVER conversation - 1 AS depth
    FROM messages WINDOW conversation AS (PARTITION BY conversation_id ORDER BY position)
  ) AS chain
  WHERE chain.id = messages.id;
  CREATE INDEX messages_by_parent ON messages (conversation_id, parent_id, position);

  -- The end of the path that is shown.
  ALTER TABLE conversations ADD COLUMN leaf_id TEXT;
  UPDATE conversations SET leaf_id =
    (SELECT id FROM messages WHERE conversation_id = conversations.id ORDER BY position DESC LIMIT 1);
  ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
  -- JSON: what this conversation sets otherwise than the person's settings.
  ALTER TABLE conversations ADD COLUMN settings TEXT;
  -- 'stop' or 'drop-oldest' once the person has chosen what happens when the context is full.
  ALTER TABLE conversations ADD COLUMN context_policy TEXT;
  CREATE INDEX conversations_by_time ON conversations (updated_at, id);

  -- Unsent text; the empty id is the chat that is not stored yet.
  CREATE TABLE drafts (
    conversation_id TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    -- JSON, as in messages.
    attachments TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE presets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    -- JSON.
    settings TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Search. The indexes hold words only; the text stays in its table. Answers enter once they are finished.
  `
  CREATE VIRTUAL TABLE message_words USING fts5 (
    text, content = 'messages', content_rowid = 'rowid', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
  );
  INSERT INTO message_words (rowid, text) SELECT rowid, text FROM messages WHERE state <> 'streaming';
  CREATE TRIGGER message_words_insert AFTER INSERT ON messages WHEN new.state <> 'streaming' BEGIN
    INSERT INTO message_words (rowid, text) VALUES (new.rowid, new.text);
  END;
  CREATE TRIGGER message_words_update AFTER UPDATE OF text, state ON messages
  WHEN old.state <> 'streaming' OR new.state <> 'streaming' BEGIN
    INSERT INTO message_words (message_words, rowid, text)
      SELECT 'delete', old.rowid, old.text WHERE old.state <> 'streaming';
    INSERT INTO message_words (rowid, text) SELECT new.rowid, new.text WHERE new.state <> 'streaming';
  END;
  CREATE TRIGGER message_words_delete AFTER DELETE ON messages WHEN old.state <> 'streaming' BEGIN
    INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.rowid, old.text);
  END;

  CREATE VIRTUAL TABLE title_words USING fts5 (
    title, content = 'conversations', content_rowid = 'rowid', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
  );
  INSERT INTO title_words (rowid, title) SELECT rowid, title FROM conversations;
  CREATE TRIGGER title_words_insert AFTER INSERT ON conversations BEGIN
    INSERT INTO title_words (rowid, title) VALUES (new.rowid, new.title);
  END;
  CREATE TRIGGER title_words_update AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO title_words (title_words, rowid, title) VALUES ('delete', old.rowid, old.title);
    INSERT INTO title_words (rowid, title) VALUES (new.rowid, new.title);
  END;
  CREATE TRIGGER title_words_delete AFTER DELETE ON conversations BEGIN
    INSERT INTO title_words (title_words, rowid, title) VALUES ('delete', old.rowid, old.title);
  END;
  `,
  // The time of every token of an answer, kept apart from it: a conversation opens without them.
  `
  CREATE TABLE runs (
    message_id TEXT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    -- Deflated JSON; runs.ts reads it.
    record BLOB NOT NULL
  ) STRICT;
  `,
  // Models whose files lie in several folders, what those files are, and which programs crash the engine.
  `
  -- JSON: every file with its part, size, time and, once computed, SHA-256. Null: not looked at since this column exists.
  ALTER TABLE models ADD COLUMN files TEXT;

  CREATE TABLE file_hashes (
    path TEXT PRIMARY KEY,
    -- The hash is of the file of this size and time (ms).
    bytes INTEGER NOT NULL,
    modified_at REAL NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Engine processes that died over a program, while it was loaded or in its first answer, since it last answered.
  CREATE TABLE crashes (
    sha256 TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    crashes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // The chat template that a person chose for a model, where it is not the automatic one.
  `
  CREATE TABLE model_templates (
    model_id TEXT PRIMARY KEY REFERENCES models (id) ON DELETE CASCADE,
    -- JSON.
    choice TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What a model told when it was loaded: known in the library before it is loaded again.
  `
  CREATE TABLE model_facts (
    model_id TEXT PRIMARY KEY REFERENCES models (id) ON DELETE CASCADE,
    -- Size and time of the program that told it; of another one it says nothing.
    stamp TEXT NOT NULL,
    -- JSON; model-facts.ts reads it.
    facts TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE models ADD COLUMN parameters INTEGER;
  `,
  // How fast a model was, on each machine that this store was on.
  `
  CREATE TABLE benchmarks (
    model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    -- Processor and system, as they name themselves.
    machine TEXT NOT NULL,
    measured_at INTEGER NOT NULL,
    -- JSON.
    figures TEXT NOT NULL,
    PRIMARY KEY (model_id, machine)
  ) STRICT, WITHOUT ROWID;
  `,
  // The thought before an answer, apart from its text. Marks at the beginning of a stored answer become its thought; an answer
  // with a NUL character stays as it is, because SQLite's functions read no further.
  `
  ALTER TABLE messages ADD COLUMN thought TEXT;
  -- Tokens of the thought, and the time in which the model generated them, in ms. Null if unknown.
  ALTER TABLE messages ADD COLUMN thought_tokens INTEGER;
  ALTER TABLE messages ADD COLUMN thought_ms INTEGER;
  WITH
    space (characters) AS (SELECT char(9, 10, 11, 12, 13, 32)),
    marks (opening, closing) AS (
      VALUES ('<think>', '</think>'), ('<thinking>', '</thinking>'), ('<thought>', '</thought>'), ('[THINK]', '[/THINK]'),
        ('<seed:think>', '</seed:think>'), ('<|START_THINKING|>', '<|END_THINKING|>'), ('◁think▷', '◁/think▷')
    ),
    begun (id, characters, closing, rest) AS (
      SELECT messages.id, characters, closing, substr(ltrim(messages.text, characters), length(opening) + 1)
      FROM messages JOIN space JOIN marks ON substr(ltrim(messages.text, characters), 1, length(opening)) = opening
      WHERE messages.role = 'assistant' AND typeof(messages.text) = 'text' AND instr(messages.text, char(0)) = 0
    ),
    split (id, thought, answer) AS (
      SELECT id,
        trim(CASE instr(rest, closing) WHEN 0 THEN rest ELSE substr(rest, 1, instr(rest, closing) - 1) END, characters),
        CASE instr(rest, closing) WHEN 0 THEN '' ELSE ltrim(substr(rest, instr(rest, closing) + length(closing)), characters) END
      FROM begun
    )
  UPDATE messages SET thought = nullif(split.thought, ''), text = split.answer FROM split WHERE split.id = messages.id;
  `,
  // The person's prompts, and the starter prompts that they did not change.
  `
  CREATE TABLE prompts (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    -- Null in a starter prompt: the app has its words, in each language.
    name TEXT,
    text TEXT,
    -- The key of a starter prompt.
    starter TEXT,
    CHECK (starter IS NOT NULL OR (name IS NOT NULL AND text IS NOT NULL))
  ) STRICT, WITHOUT ROWID;
  `,
];
