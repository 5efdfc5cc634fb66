/** What is tried with one field of one table: cut out, emptied, and every number set to those that lead astray. */
import type { FlatTable } from '../../main/models/program/flat-buffer.ts';
import type { Field } from '../../main/models/program/schema/schema.ts';
import type { ModelFile } from './model-file.ts';

export interface Change {
  readonly what: string;
  readonly make: (file: ModelFile) => Buffer;
}

const numbers = [0, 1, -1, 0x7f_ff_ff_ff];
const nudges = [-1, 1];
/** Of a list, so many from its start and as many from its end. */
const tried = 2;

function write(bytes: Buffer, at: number, size: number, value: number): void {
  if (size === 8) bytes.writeBigInt64LE(BigInt(value), at);
  else bytes.writeUIntLE(value < 0 ? value + 2 ** (8 * size) : value % 2 ** (8 * size), at, size);
}

function read(bytes: Buffer, at: number, size: number): number {
  return size === 8 ? Number(BigInt.asIntN(48, bytes.readBigInt64LE(at))) : bytes.readIntLE(at, size);
}

/** @param base of the FlatBuffer in the file: 0, or where a nested one begins */
export function changesOf(
  file: ModelFile,
  base: number,
  table: FlatTable,
  id: number,
  field: Field,
): readonly Change[] {
  const slot = table.placeOf(field.kind === 'union' ? id + 1 : id);
  const cut: Change = {
    what: 'cut',
    make: (from) =>
      base === 0 ? from.withoutField(table.place, id) : edited(from, (bytes) => hide(bytes, base, table.place, id)),
  };
  if (slot === undefined) return [];
  const at = base + slot;
  switch (field.kind) {
    case 'number':
    case 'refused':
      return [cut, ...numberChanges(file.bytes, at, field.kind === 'number' ? field.bytes : 1, '')];
    case 'unread':
      return [cut];
    case 'table':
      return [cut, set('referring to itself', at, 4, 0), set('referring outside', at, 4, 0x7f_ff_ff_00)];
    case 'union':
      return [
        cut,
        { what: 'content cut', make: (from) => (base === 0 ? from.withoutField(table.place, id + 1) : cut.make(from)) },
        ...Array.from({ length: field.of.length + 2 }, (_, type) =>
          set(`of type ${type}`, base + (table.placeOf(id) ?? slot), 1, type),
        ),
      ];
    case 'list':
    case 'text':
    case 'tables': {
      const size = field.kind === 'list' ? field.bytes : field.kind === 'text' ? 1 : 4;
      return [cut, ...listChanges(file.bytes, at, size, field.kind)];
    }
  }
}

function edited(file: ModelFile, edit: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(file.bytes);
  edit(copy);
  return copy;
}

const set = (what: string, at: number, size: number, value: number): Change => ({
  what,
  make: (file) =>
    edited(file, (bytes) => {
      write(bytes, at, size, value);
    }),
});

/** In a nested FlatBuffer, which cannot grow: for all tables that share the vtable. */
function hide(bytes: Buffer, base: number, place: number, field: number): void {
  const at = base + place;
  bytes.writeUInt16LE(0, at - bytes.readInt32LE(at) + 4 + 2 * field);
}

function numberChanges(bytes: Buffer, at: number, size: number, name: string): readonly Change[] {
  const own = read(bytes, at, Math.min(size, 8));
  const values = new Set([...numbers, ...nudges.map((by) => own + by)]);
  values.delete(own);
  return [...values]
    .filter((value) => size > 1 || (value >= -1 && value < 256))
    .map((value) => set(`${name}= ${value}`, at, size, value));
}

function listChanges(bytes: Buffer, at: number, size: number, kind: string): readonly Change[] {
  const place = at + bytes.readUInt32LE(at);
  const count = bytes.readUInt32LE(place);
  const changes = [set('emptied', place, 4, 0), set('without end', place, 4, 0x7f_ff_ff_ff)];
  if (count > 0) changes.push(set('one shorter', place, 4, count - 1), set('one longer', place, 4, count + 1));
  const first = place + 4;
  const indices = [
    ...new Set([...Array(tried).keys(), ...Array.from({ length: tried }, (_, n) => count - 1 - n)]),
  ].filter((index) => index >= 0 && index < count);
  if (kind === 'list') changes.push(...indices.flatMap((n) => numberChanges(bytes, first + n * size, size, `[${n}] `)));
  if (kind === 'text') changes.push(...indices.slice(0, 1).map((n) => set(`[${n}] = 0`, first + n, 1, 0)));
  if (kind === 'tables' && count > 1) {
    const last = first + 4 * (count - 1);
    changes.push({
      what: 'first and last swapped',
      make: (file) =>
        edited(file, (copy) => {
          const [one, other] = [copy.readUInt32LE(first), copy.readUInt32LE(last)];
          copy.writeUInt32LE(other + last - first, first);
          copy.writeUInt32LE(one - last + first, last);
        }),
    });
  }
  return changes;
}
