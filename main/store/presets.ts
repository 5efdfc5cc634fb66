import type { Connection } from './connection.ts';
import { parse } from './message-row.ts';

interface StoredPreset {
  readonly id: string;
  readonly name: string;
  /** The reader checks the values. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Rows of `presets`: named settings for answers. */
export interface PresetTable {
  /** Sorted by name. */
  list(): readonly StoredPreset[];
  /** Adds a preset, or replaces the one with the same id. A preset that has the same name is replaced too. */
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
