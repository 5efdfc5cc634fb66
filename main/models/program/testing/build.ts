/**
 * Writes FlatBuffers from descriptions, for tests: valid ones, and those that no exporter would write. An object that is used
 * twice is written once.
 */

/** A table: values by field number. Absent fields are left out. */
export interface Table {
  readonly table: Readonly<Record<number, Value | undefined>>;
}

type Scalar = { readonly [T in 'u8' | 'u32' | 'i32']?: number } & { readonly i64?: bigint };
type Part =
  | Table
  | { readonly text: string }
  | { readonly tables: readonly Table[] }
  | { readonly u8s: ArrayLike<number> }
  | { readonly i32s: readonly number[] }
  | { readonly i64s: readonly bigint[] };
export type Value = Scalar | Part;

/** Every part, and every slot of a table, begins at a multiple of this. */
const alignment = 8;
const headBytes = 8;

function isPart(value: Value | undefined): value is Part {
  return value !== undefined && ['table', 'text', 'tables', 'u8s', 'i32s', 'i64s'].some((kind) => kind in value);
}

function partsOf(part: Part): readonly Part[] {
  if ('table' in part) return Object.values(part.table).filter(isPart);
  return 'tables' in part ? part.tables : [];
}

/** References lead forward, so each part comes after all parts that refer to it. */
function inOrder(root: Part): readonly Part[] {
  const done = new Set<Part>();
  const visit = (part: Part): void => {
    if (done.has(part)) return;
    for (const below of partsOf(part)) visit(below);
    done.add(part);
  };
  visit(root);
  return [...done].reverse();
}

/** @param identifier of four letters @param headerBytes left free for an extended header */
export function build(root: Table, identifier: string, headerBytes = 0): Uint8Array {
  const order = inOrder(root);
  const places = new Map<Part, number>();
  let end = Math.ceil((headBytes + headerBytes) / alignment) * alignment;
  for (const part of order) {
    // The vtable of a table comes before it.
    const before = 'table' in part ? vtableBytes(part) : 4;
    places.set(part, end + Math.ceil(before / alignment) * alignment);
    end = (places.get(part) ?? 0) + Math.ceil(bodyBytes(part) / alignment) * alignment;
  }
  const view = new DataView(new ArrayBuffer(end));
  const refer = (at: number, to: Part): void => view.setUint32(at, (places.get(to) ?? 0) - at, true);
  refer(0, root);
  Buffer.from(identifier).forEach((letter, index) => view.setUint8(4 + index, letter));
  for (const part of order) {
    // The count of a list or text is four bytes before the aligned place of the first entry.
    const place = places.get(part) ?? 0;
    if ('table' in part) writeTable(view, part, place, refer);
    else writeList(view, part, place, refer);
  }
  return new Uint8Array(view.buffer);
}

const fieldsOf = ({ table }: Table): number => Math.max(-1, ...Object.keys(table).map(Number)) + 1;
const vtableBytes = (table: Table): number => 4 + 2 * fieldsOf(table);

function bodyBytes(part: Part): number {
  if ('table' in part) return alignment * (1 + fieldsOf(part));
  if ('text' in part) return 4 + Buffer.byteLength(part.text) + 1;
  if ('tables' in part) return 4 + 4 * part.tables.length;
  if ('u8s' in part) return 4 + part.u8s.length;
  return 'i32s' in part ? 4 + 4 * part.i32s.length : 4 + 4 + 8 * part.i64s.length;
}

function writeTable(view: DataView, part: Table, place: number, refer: (at: number, to: Part) => void): void {
  const vtable = place - Math.ceil(vtableBytes(part) / alignment) * alignment;
  view.setInt32(place, place - vtable, true);
  view.setUint16(vtable, vtableBytes(part), true);
  view.setUint16(vtable + 2, bodyBytes(part), true);
  for (const [field, value] of Object.entries(part.table)) {
    if (value === undefined) continue;
    const slot = alignment * (1 + Number(field));
    view.setUint16(vtable + 4 + 2 * Number(field), slot, true);
    if (isPart(value)) refer(place + slot, value);
    else if (value.i64 !== undefined) view.setBigInt64(place + slot, value.i64, true);
    else if (value.u8 !== undefined) view.setUint8(place + slot, value.u8);
    else view.setInt32(place + slot, value.i32 ?? value.u32 ?? 0, true);
  }
}

function writeList(
  view: DataView,
  part: Exclude<Part, Table>,
  place: number,
  refer: (at: number, to: Part) => void,
): void {
  const first = place + 4;
  if ('text' in part) {
    const bytes = Buffer.from(part.text);
    view.setUint32(place, bytes.length, true);
    bytes.forEach((byte, index) => view.setUint8(first + index, byte));
  } else if ('tables' in part) {
    view.setUint32(place, part.tables.length, true);
    part.tables.forEach((table, index) => refer(first + 4 * index, table));
  } else if ('u8s' in part) {
    view.setUint32(place, part.u8s.length, true);
    Array.from(part.u8s).forEach((byte, index) => view.setUint8(first + index, byte));
  } else if ('i32s' in part) {
    view.setUint32(place, part.i32s.length, true);
    part.i32s.forEach((value, index) => view.setInt32(first + 4 * index, value, true));
  } else {
    view.setUint32(place, part.i64s.length, true);
    part.i64s.forEach((value, index) => view.setBigInt64(first + 8 * index, value, true));
  }
}
