/** Reads the kinds of a method's values and checks that lists name only earlier values. */
import { every, FlatBufferError, type FlatTable, type FlatTables } from './flat-buffer.ts';
import { checkTensor, type Home, type Memory } from './tensors.ts';

const value = { type: 0, content: 1 } as const;
const items = 0;

/** Types of the union `KernelTypes`, counted from 1. */
const kinds = [
  'none',
  'int',
  'bool',
  'double',
  'tensor',
  'string',
  'ints',
  'doubles',
  'bools',
  'tensors',
  'optional tensors',
] as const;
export type Kind = (typeof kinds)[number];

export interface Value {
  readonly kind: Kind;
  readonly content: FlatTable;
  /** The memory of a tensor; `own` for all other values. */
  readonly home: Home;
}

const most = 1_000_000;
/** Stands for no tensor in an optional list. */
const nothing = -1;

/** @throws FlatBufferError */
export function readValues(tables: FlatTables, memory: Memory): readonly Value[] {
  const values = every(tables, most).map((table, index) => readValue(table, index, memory));
  values.forEach(({ kind, content }, index) => {
    if (kind === 'ints') {
      for (const item of content.i64Vector(items)) {
        if (values[Number(item)]?.kind !== 'int') fail(index, `names a value ${item} that is no whole number`);
      }
    } else if (kind === 'tensors' || kind === 'optional tensors') {
      for (const item of content.i32Vector(items)) {
        if (item === nothing && kind === 'optional tensors') continue;
        const found = values[item];
        // The runtime makes values in order, so a later value does not exist yet.
        const fits = found?.kind === 'tensor' || (found?.kind === 'none' && kind === 'optional tensors');
        if (!fits || item >= index) fail(index, `names a value ${item} that is no tensor before it`);
      }
    }
  });
  return values;
}

function fail(index: number, what: string): never {
  throw new FlatBufferError(`its list ${index} ${what}.`);
}

function readValue(table: FlatTable, index: number, memory: Memory): Value {
  const kind = kinds[table.u8(value.type) - 1];
  const content = table.table(value.content);
  if (kind === undefined || content === undefined) throw new FlatBufferError(`its value ${index} is of no known kind.`);
  return { kind, content, home: kind === 'tensor' ? checkTensor(content, index, memory) : 'own' };
}
