import type { Connection } from './connection.ts';
import { parse } from './message-row.ts';

interface StoredPreset {
  readonly id: string;
  readonly name: string;
  /** What the values may be, the reader says. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Rows of `presets`: named settings of answers. */
export interface PresetTable {
  /** By name. */
  list(): readonly StoredPreset[];
  /** Adds, or renames and replaces the one with the same id. A name that another one has is taken from that one's place. */
  save(preset: StoredPreset): void;
  delete(id: string): void;
}

export function presetTable(database: Connection): PresetTable {
  const list = database.prepare('SELECT * FROM presets ORDER BY name COLLATE NOCASE');
  const save = database.prepare('INSERT OR REPLACE INTO presets (id, name, settings) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM presets WHERE id = ?');
  return {
    list: () =>
      list
        .all()
        .map(({ id, name, settings }) => ({ id: String(id), name: String(name), settings: { ...parse(settings) } })),
    save: ({ id, name, settings }) => void save.run(id, name, JSON.stringify(settings)),
    delete: (id) => void remove.run(id),
  };
}
