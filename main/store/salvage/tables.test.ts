/** Salvage knows every table: it keeps a row of each, also if nothing but the row's own page is left. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFile } from '../connection.ts';
import { migrate } from '../database.ts';
import { migrations } from '../migrations.ts';
import { salvage } from './salvage.ts';

type Row = Readonly<Record<string, string | number | null | Uint8Array>>;

const sha256 = 'ab12'.repeat(16);

/**
 * A row of each table; a later row may refer to an earlier one. If a migration adds a table, add a row here. If salvage
 * then takes the row for another table's, teach `looksLike` in rows-of-file.ts to distinguish them.
 */
const rows: Readonly<Record<string, Row>> = {
  conversations: { id: 'c1', title: 'Wyverns', untitled: 0, created_at: 1, updated_at: 2, leaf_id: 'm1' },
  messages: {
    id: 'm1',
    conversation_id: 'c1',
    position: 0,
    role: 'user',
    text: 'What is a wyvern?',
    state: 'complete',
    created_at: 1,
  },
  runs: { message_id: 'm1', record: new Uint8Array([1, 2, 3]) },
  settings: { key: 'theme', value: '"dark"' },
  drafts: { conversation_id: 'c1', text: 'And a dragon?', attachments: '[]' },
  presets: { id: 'p1', name: 'Brief', settings: '{"temperature":0}' },
  prompts: { id: 'q1', position: 1, name: 'Summarise', text: 'Summarise: {{selection}}', starter: null },
  models: { id: '7', name: 'Tiny', program: '/models/tiny/model.pte', bytes: 12, added_at: 3 },
  model_templates: { model_id: '7', choice: '{"kind":"family","family":"chatml"}' },
  model_facts: { model_id: '7', stamp: '12-3', facts: '{"contextLength":512}' },
  benchmarks: { model_id: '7', machine: 'Some processor, Linux', measured_at: 4, figures: '{"decode":30}' },
  file_hashes: { path: '/models/tiny/model.pte', bytes: 12, modified_at: 3.5, sha256 },
  crashes: { sha256, bytes: 12, crashes: 1 },
};

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-salvage-'));
  path = join(folder, 'store.sqlite');
  const database = openFile(path);
  migrate(database, migrations);
  for (const [table, row] of Object.entries(rows)) {
    const columns = Object.keys(row);
    const places = columns.map(() => '?').join(', ');
    database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`).run(...Object.values(row));
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Tables of the newest schema, without SQLite's own and those inside of the search indexes. */
function tables(database: DatabaseSync): string[] {
  const found = database
    .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  return found.map(({ name }) => String(name)).sort();
}

/** Every row of every table, with the columns that `rows` names. */
function stored(): Record<string, unknown[]> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const read = (table: string): Record<string, unknown>[] =>
      database.prepare(`SELECT ${Object.keys(rows[table] ?? {}).join(', ') || '*'} FROM ${table}`).all();
    return Object.fromEntries(tables(database).map((table) => [table, read(table).map((row) => ({ ...row }))]));
  } finally {
    database.close();
  }
}

const expected = Object.fromEntries(Object.entries(rows).map(([table, row]) => [table, [row]]));

test('a row of every table is in this test', () => {
  const database = new DatabaseSync(path, { readOnly: true });
  expect(tables(database)).toEqual(Object.keys(rows).sort());
  database.close();
});

test('salvage keeps a row of every table', () => {
  salvage(path);
  expect(stored()).toEqual(expected);
});

test('salvage keeps a row of every table without the schema that leads to them', () => {
  const bytes = readFileSync(path);
  const pageSize = bytes.readUInt16BE(16);
  // The header of 100 bytes stays; the schema's root page after it is gone.
  bytes.fill(0, 100, pageSize);
  writeFileSync(path, bytes);
  salvage(path);
  expect(stored()).toEqual(expected);
});
