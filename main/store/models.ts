import { z } from 'zod';
import { isSamePath } from '../files/names.ts';
import { modelParts } from '../../preload/contract.ts';
import type { Connection } from './connection.ts';
import { safeInteger } from './message-row.ts';

const filesSchema = z.array(
  z.object({
    part: z.enum(modelParts),
    /** Absolute. */
    path: z.string().min(1),
    bytes: z.number(),
    /** Time of the last change, ms. */
    modifiedAt: z.number(),
    /** Hash of the file at that time; absent until it is computed. */
    sha256: z.string().optional(),
  }),
);
/** A file of a model at the time when the model was added. */
export type StoredFile = z.output<typeof filesSchema>[number];

/** A model in the library. Its files stay in their place. */
export interface StoredModel {
  readonly id: string;
  readonly name: string;
  /** Absolute path of the `.pte`. */
  readonly program: string;
  readonly bytes: number;
  readonly license?: string;
  /** Empty for a model that an early version of Wyvern added. */
  readonly files: readonly StoredFile[];
  readonly parameters?: number;
  /** Unix time, ms; absent until it has been loaded. */
  readonly usedAt?: number;
}

export interface ModelTable {
  /** In order of addition. */
  list(): readonly StoredModel[];
  get(id: string): StoredModel | undefined;
  findByProgram(program: string): StoredModel | undefined;
  /** Adds a model, or updates the row of the same program. */
  put(model: Omit<StoredModel, 'usedAt'>, now: number): void;
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
  files: toFiles(row['files']),
  ...(typeof row['license'] === 'string' ? { license: row['license'] } : {}),
  ...(typeof row['parameters'] === 'number' ? { parameters: row['parameters'] } : {}),
  ...(typeof row['used_at'] === 'number' ? { usedAt: row['used_at'] } : {}),
});

/** Ignores unreadable values: the files are searched again. */
function toFiles(text: unknown): readonly StoredFile[] {
  if (typeof text !== 'string') return [];
  try {
    return filesSchema.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

export function modelTable(database: Connection): ModelTable {
  const columns = `id, name, program, license, files, ${safeInteger('bytes')}, ${safeInteger('parameters')}, ${safeInteger('used_at')}`;
  const list = database.prepare(`SELECT ${columns} FROM models ORDER BY added_at, rowid`);
  const get = database.prepare(`SELECT ${columns} FROM models WHERE id = ?`);
  const byProgram = database.prepare(`SELECT ${columns} FROM models WHERE program = ?`);
  const put = database.prepare(`
    INSERT INTO models (id, name, program, bytes, license, parameters, files, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, program = excluded.program, bytes = excluded.bytes,
      license = excluded.license, parameters = excluded.parameters, files = excluded.files
  `);
  const remove = database.prepare('DELETE FROM models WHERE id = ?');
  const markUsed = database.prepare('UPDATE models SET used_at = ? WHERE id = ?');
  const lastUsed = database.prepare(
    `SELECT ${columns} FROM models WHERE used_at IS NOT NULL ORDER BY used_at DESC LIMIT 1`,
  );

  const optional = (row: Row | undefined): StoredModel | undefined => row && toModel(row);
  return {
    list: () => list.all().map(toModel),
    get: (id) => optional(get.get(id)),
    findByProgram: (program) =>
      optional(byProgram.get(program)) ??
      list
        .all()
        .map(toModel)
        .find((model) => isSamePath(model.program, program)),
    put: ({ id, name, program, bytes, license, parameters, files }, now) =>
      void put.run(id, name, program, bytes, license ?? null, parameters ?? null, JSON.stringify(files), now),
    remove: (id) => void remove.run(id),
    markUsed: (id, now) => void markUsed.run(now, id),
    lastUsed: () => optional(lastUsed.get()),
  };
}
