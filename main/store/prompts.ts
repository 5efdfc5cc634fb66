import type { Connection } from './connection.ts';

/** A prompt of the person, or the key of a starter prompt, whose words the app has. */
type StoredPrompt =
  | { readonly id: string; readonly name: string; readonly text: string }
  | { readonly id: string; readonly starter: string };

/** Rows of `prompts`, in the person's order. */
export interface PromptTable {
  list(): readonly StoredPrompt[];
  /** Adds a prompt at the end, or replaces the one with the same id at its place. */
  save(prompt: StoredPrompt): void;
  delete(id: string): void;
  /** Sets the order. Call it in a transaction. */
  order(ids: readonly string[]): void;
}

/** A longer column is damaged and is not read into memory. */
const maxTextBytes = 1_000_000;

export function promptTable(database: Connection): PromptTable {
  const list = database.prepare(`
    SELECT id, name, starter, CASE WHEN octet_length(text) <= ${maxTextBytes} THEN text END AS text
    FROM prompts ORDER BY position, id`);
  const save = database.prepare(`
    INSERT INTO prompts (id, position, name, text, starter)
    VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM prompts), ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, text = excluded.text, starter = excluded.starter`);
  const remove = database.prepare('DELETE FROM prompts WHERE id = ?');
  const place = database.prepare('UPDATE prompts SET position = ? WHERE id = ?');
  return {
    list: () =>
      list.all().flatMap(({ id, name, text, starter }): StoredPrompt[] => {
        if (typeof id !== 'string') return [];
        if (typeof name === 'string' && typeof text === 'string') return [{ id, name, text }];
        return typeof starter === 'string' ? [{ id, starter }] : [];
      }),
    save(prompt) {
      if ('starter' in prompt) save.run(prompt.id, null, null, prompt.starter);
      else save.run(prompt.id, prompt.name, prompt.text, null);
    },
    delete: (id) => void remove.run(id),
    order(ids) {
      for (const [index, id] of ids.entries()) place.run(index + 1, id);
    },
  };
}
