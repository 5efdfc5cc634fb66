import type { Connection } from './connection.ts';

/** Rows of `settings`: values by key. The reader checks the values. */
export interface SettingsTable {
  all(): Readonly<Record<string, unknown>>;
  set(key: string, value: unknown): void;
}

export function settingsTable(database: Connection): SettingsTable {
  const all = database.prepare('SELECT key, value FROM settings');
  const set = database.prepare(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  return {
    all() {
      const entries = all.all().flatMap(({ key, value }): [string, unknown][] => {
        try {
          return [[String(key), JSON.parse(String(value)) as unknown]];
        } catch {
          return [];
        }
      });
      return Object.fromEntries(entries);
    },
    set: (key, value) => void set.run(key, JSON.stringify(value)),
  };
}
