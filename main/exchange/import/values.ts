/** Looking into JSON that others wrote: what is not of the wanted type is as if it were not there. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Own fields alone: every object has others by birth. */
export function field(value: unknown, name: string): unknown {
  const object = objectOf(value);
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A time of a unit of `msPerUnit` as Unix ms; undefined for what no `Date` can hold, and for zero. */
export function timeOf(value: unknown, msPerUnit: number): number | undefined {
  if (typeof value !== 'number') return undefined;
  const ms = Math.round(value * msPerUnit);
  return ms > 0 && ms <= 8_640_000_000_000_000 ? ms : undefined;
}
