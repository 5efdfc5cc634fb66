/** Reads the fields of JSON files that others wrote. An unusable value is left out and noted. The model still loads. */
import type { z } from 'zod';

/** An unused value. */
export interface LeftOut {
  /** Its place in the file, e.g. `top_k` or `eos_token_id.1`. */
  readonly field: string;
  /** As JSON, shortened. */
  readonly value: string;
}

const maxShown = 80;
/** Maximum for one file, because a hostile file may have any number. */
const maxNotes = 20;

export class UsableFields {
  readonly leftOut: LeftOut[] = [];
  readonly #file: Readonly<Record<string, unknown>>;

  constructor(file: Readonly<Record<string, unknown>>) {
    this.#file = file;
  }

  /** Returns the field parsed by its schema; undefined if it is absent, null or unusable. */
  get<S extends z.ZodType>(field: string, schema: S): z.output<S> | undefined {
    return this.check(field, this.#file[field], schema);
  }

  /** Returns a list's usable entries. A single value counts as a list. */
  list<S extends z.ZodType>(field: string, schema: S, most: number): readonly z.output<S>[] {
    const value = this.#file[field];
    if (value == null) return [];
    if (!Array.isArray(value)) return [this.check(field, value, schema)].filter((one) => one !== undefined);
    const entries: readonly unknown[] = value;
    if (entries.length > most) this.#note(field, value);
    return entries
      .slice(0, most)
      .map((entry, index) => this.check(`${field}.${index}`, entry, schema))
      .filter((one) => one !== undefined);
  }

  /** Returns the entries of an object. */
  entries(field: string): readonly (readonly [key: string, value: unknown])[] {
    const value = this.#file[field];
    if (value == null) return [];
    if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value);
    this.#note(field, value);
    return [];
  }

  /** Returns the names of all fields. */
  get names(): readonly string[] {
    return Object.keys(this.#file);
  }

  check<S extends z.ZodType>(field: string, value: unknown, schema: S): z.output<S> | undefined {
    if (value == null) return undefined;
    const checked = schema.safeParse(value);
    if (checked.success) return checked.data;
    this.#note(field, value);
    return undefined;
  }

  #note(field: string, value: unknown): void {
    if (this.leftOut.length >= maxNotes) return;
    const shown = (typeof value === 'number' ? String(value) : JSON.stringify(value)).toWellFormed();
    this.leftOut.push({ field, value: shown.length > maxShown ? `${shown.slice(0, maxShown)}…` : shown });
  }
}
