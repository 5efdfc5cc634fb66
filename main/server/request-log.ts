/** The last requests, without any of their text. */
import type { ServerLogEntry } from '../../preload/contract.ts';

export const mostEntries = 200;

export type EntryChange = Partial<Omit<ServerLogEntry, 'id' | 'at' | 'route'>>;

export class RequestLog {
  readonly #onChange: (entry: ServerLogEntry) => void;
  readonly #now: () => number;
  #entries: ServerLogEntry[] = [];
  #nextId = 1;

  constructor(onChange: (entry: ServerLogEntry) => void, now = Date.now) {
    this.#onChange = onChange;
    this.#now = now;
  }

  /** Newest first. */
  get entries(): readonly ServerLogEntry[] {
    return this.#entries;
  }

  /** A request that goes to the model. @returns changes its entry */
  begin(route: string): (change: EntryChange) => void {
    const id = this.#nextId++;
    const at = this.#now();
    this.#put({ id, at, route, state: 'waiting' });
    return (change) => {
      const index = this.#entries.findIndex((entry) => entry.id === id);
      const entry = this.#entries[index];
      if (entry === undefined) return;
      const changed = { ...entry, ...change, ...(change.state === 'done' ? { ms: this.#now() - at } : {}) };
      this.#entries[index] = changed;
      this.#onChange(changed);
    };
  }

  /** A request that was answered at once. Equal ones in a row are counted in one entry, so that a flood hides no other. */
  answered(route: string, status: number, code?: string): void {
    const [last] = this.#entries;
    const same = last?.state === 'done' && last.route === route && last.status === status && last.code === code;
    const counts = same && last.generatedTokens === undefined;
    if (counts) {
      const counted = { ...last, at: this.#now(), times: (last.times ?? 1) + 1 };
      this.#entries[0] = counted;
      this.#onChange(counted);
      return;
    }
    const entry = { id: this.#nextId++, at: this.#now(), route, state: 'done', status, ms: 0 } as const;
    this.#put(code === undefined ? entry : { ...entry, code });
  }

  #put(entry: ServerLogEntry): void {
    this.#entries = [entry, ...this.#entries].slice(0, mostEntries);
    this.#onChange(entry);
  }
}
