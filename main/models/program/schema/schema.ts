/**
 * The tables of a FlatBuffer schema, and the fields that the runtime reads without checking that they are present. In
 * FlatBuffers every field is optional, and the verifier accepts a missing one. The runtime would follow a null pointer.
 */
import { FlatBufferError, type FlatTable } from '../flat-buffer.ts';

/** Fields have the order of the schema. A union takes two numbers. */
export interface TableSchema {
  /** Its name in the schema. */
  readonly name: string;
  readonly fields: readonly Field[];
}

type Bytes = 1 | 2 | 4 | 8;

interface Named {
  readonly name: string;
  /** The runtime reads it without a check. */
  readonly needed?: true;
}

export type Field =
  /** The schema no longer has it, or the runtime never reads it. */
  | { readonly kind: 'unread'; readonly name: string }
  /** `most`: the largest value that the runtime knows. An absent number is 0. */
  | { readonly kind: 'number'; readonly name: string; readonly bytes: Bytes; readonly most?: number }
  | (Named & { readonly kind: 'text' })
  /** A list of numbers with `bytes` each. */
  | (Named & { readonly kind: 'list'; readonly bytes: Bytes })
  | (Named & { readonly kind: 'table'; readonly of: TableSchema })
  | (Named & { readonly kind: 'tables'; readonly of: TableSchema })
  /** The numbers of its types are counted from 1. It is always needed. */
  | { readonly kind: 'union'; readonly name: string; readonly of: readonly TableSchema[] }
  /** A program that uses it is refused. Backends still read a text, so the text must be present and empty. */
  | { readonly kind: 'refused'; readonly name: string; readonly what: 'text' | 'flag'; readonly why: string };

const needed = { needed: true } as const;

export const unread = (name: string): Field => ({ kind: 'unread', name });
export const number = (name: string, bytes: Bytes, most?: number): Field => ({
  kind: 'number',
  name,
  bytes,
  ...(most === undefined ? {} : { most }),
});
export const text = (name: string): Field => ({ kind: 'text', name, ...needed });
export const maybeText = (name: string): Field => ({ kind: 'text', name });
export const list = (name: string, bytes: Bytes): Field => ({ kind: 'list', name, bytes, ...needed });
export const maybeList = (name: string, bytes: Bytes): Field => ({ kind: 'list', name, bytes });
export const table = (name: string, of: TableSchema): Field => ({ kind: 'table', name, of, ...needed });
export const maybeTable = (name: string, of: TableSchema): Field => ({ kind: 'table', name, of });
export const tables = (name: string, of: TableSchema): Field => ({ kind: 'tables', name, of, ...needed });
export const maybeTables = (name: string, of: TableSchema): Field => ({ kind: 'tables', name, of });
export const union = (name: string, of: readonly TableSchema[]): Field => ({ kind: 'union', name, of });
export const refused = (name: string, what: 'text' | 'flag', why: string): Field => ({
  kind: 'refused',
  name,
  what,
  why,
});

type Numbered = readonly (readonly [number: number, field: Field])[];
const known = new WeakMap<TableSchema, Numbered>();

/** Returns each field with its number in the schema. The number of a union is that of its type. */
export function numbered(schema: TableSchema): Numbered {
  const found = known.get(schema);
  if (found !== undefined) return found;
  let next = 0;
  const fields = schema.fields.map((field) => {
    const own = next;
    next += field.kind === 'union' ? 2 : 1;
    return [own, field] as const;
  });
  known.set(schema, fields);
  return fields;
}

/** Gets one table, its schema, and the path to it. A shared table is visited once. */
export type Visit = (found: FlatTable, schema: TableSchema, path: string) => void;

/**
 * Reads every table reachable from a root and requires the fields that the schema needs.
 * @throws FlatBufferError that names the table and the field
 */
export function requireComplete(root: FlatTable, schema: TableSchema, visit?: Visit): void {
  const seen = new Map<TableSchema, Set<number>>();
  const walk = (found: FlatTable, its: TableSchema, path: string): void => {
    let places = seen.get(its);
    if (places === undefined) seen.set(its, (places = new Set()));
    if (places.has(found.place)) return;
    places.add(found.place);
    visit?.(found, its, path);
    for (const [id, field] of numbered(its)) {
      checkField(found, id, field, its.name);
      const at = `${path}.${field.name}`;
      if (field.kind === 'table') {
        const below = found.table(id);
        if (below !== undefined) walk(below, field.of, at);
      } else if (field.kind === 'tables') {
        const all = found.tables(id);
        for (let index = 0; index < all.length; index++) {
          const below = all.at(index);
          if (below !== undefined) walk(below, field.of, `${at}[${index}]`);
        }
      } else if (field.kind === 'union') {
        const below = found.table(id + 1);
        const of = field.of[found.u8(id) - 1];
        if (below !== undefined && of !== undefined) walk(below, of, at);
      }
    }
  };
  walk(root, schema, schema.name);
}

function checkField(found: FlatTable, id: number, field: Field, name: string): void {
  const lacks = (): FlatBufferError => new FlatBufferError(`one of its “${name}” has no “${field.name}”.`);
  switch (field.kind) {
    case 'unread':
      return;
    case 'number': {
      const value = found.number(id, field.bytes);
      if (field.most !== undefined && value > field.most) {
        throw new FlatBufferError(`the “${field.name}” of one of its “${name}” is ${value}, which nothing knows.`);
      }
      return;
    }
    case 'refused': {
      if (field.what === 'text' && !found.has(id)) throw lacks();
      if (field.what === 'text' ? found.length(id) > 0 : found.bool(id)) {
        throw new FlatBufferError(`the “${field.name}” of its “${name}” ${field.why}.`);
      }
      return;
    }
    case 'union': {
      const type = found.u8(id);
      if (type === 0 || !found.has(id + 1)) throw lacks();
      if (type > field.of.length) {
        throw new FlatBufferError(`the “${field.name}” of one of its “${name}” is of an unknown kind ${type}.`);
      }
      return;
    }
    case 'list':
      found.requireVector(id, field.bytes);
      break;
    case 'text':
      found.requireVector(id, 1);
      break;
    case 'table':
    case 'tables':
      break;
  }
  if (field.needed === true && !found.has(id)) throw lacks();
}
