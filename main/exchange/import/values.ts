/** Reads JSON of other programs. A value of another type than expected counts as missing. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Own fields only: every object inherits others. */
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

/** A time in units of `msPerUnit` as Unix ms; undefined for zero and for times outside of `Date`. */
export function timeOf(value: unknown, msPerUnit: number): number | undefined {
  if (typeof value !== 'number') return undefined;
  const ms = Math.round(value * msPerUnit);
  return ms > 0 && ms <= 8_640_000_000_000_000 ? ms : undefined;
}
