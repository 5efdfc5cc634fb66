import type { DatabaseSync } from 'node:sqlite';

/** A model in the library, by reference: its files stay where they are. */
export interface StoredModel {
  readonly id: string;
  readonly name: string;
  /** Absolute path of its `.pte`. */
  readonly program: string;
  readonly bytes: number;
  readonly license?: string;
}

export interface ModelTable {
  /** In the order they were added. */
  list(): readonly StoredModel[];
  get(id: string): StoredModel | undefined;
  findByProgram(program: string): StoredModel | undefined;
  /** Adds, or renews what is known about the same program. */
  put(model: StoredModel, now: number): void;
  remove(id: string): void;
  markUsed(id: string, now: number): void;
  lastUsed(): StoredModel | undefined;
}

type Row = Record<string, unknown>;

const toModel = (row: Row): StoredModel => ({
  id: String(row['id']),
  name: String(row['name']),
  program: String(row['program']),
  bytes: Number(row['bytes']),
  ...(typeof row['license'] === 'string' ? { license: row['license'] } : {}),
});

export function modelTable(database: DatabaseSync): ModelTable {
  const list = database.prepare('SELECT * FROM models ORDER BY added_at, rowid');
  const get = database.prepare('SELECT * FROM models WHERE id = ?');
  const byProgram = database.prepare('SELECT * FROM models WHERE program = ?');
  const put = database.prepare(`
    INSERT INTO models (id, name, program, bytes, license, added_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, program = excluded.program, bytes = excluded.bytes, license = excluded.license
  `);
  const remove = database.prepare('DELETE FROM models WHERE id = ?');
  const markUsed = database.prepare('UPDATE models SET used_at = ? WHERE id = ?');
  const lastUsed = database.prepare('SELECT * FROM models WHERE used_at IS NOT NULL ORDER BY used_at DESC LIMIT 1');

  const optional = (row: Row | undefined): StoredModel | undefined => row && toModel(row);
  return {
    list: () => list.all().map(toModel),
    get: (id) => optional(get.get(id)),
    findByProgram: (program) => optional(byProgram.get(program)),
    put: ({ id, name, program, bytes, license }, now) => void put.run(id, name, program, bytes, license ?? null, now),
    remove: (id) => void remove.run(id),
    markUsed: (id, now) => void markUsed.run(now, id),
    lastUsed: () => optional(lastUsed.get()),
  };
}
