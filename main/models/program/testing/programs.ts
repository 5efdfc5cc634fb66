/** The smallest programs and weights files of a kind, for tests. */
import { build, type Table, type Value } from './build.ts';

type Fields = Readonly<Record<number, Value | undefined>>;

const none = { i32s: [] };
/** Types of the union `KernelTypes`, counted from 1. */
const kinds = { int: 2, tensor: 5, ints: 7 } as const;

const value = (kind: number, content: Fields): Table => ({ table: { 0: { u8: kind }, 1: { table: content } } });
export const int = (of: number): Table => value(kinds.int, { 0: { i64: BigInt(of) } });
export const ints = (...of: readonly number[]): Table => value(kinds.ints, { 0: { i64s: of.map(BigInt) } });

/** A float32 tensor `[4]`. `more` has other fields of `Tensor` by number. */
export function tensor(more: Fields = {}): Table {
  return value(kinds.tensor, { 0: { u8: 6 }, 2: { i32s: [4] }, 3: { u8s: [0] }, ...more });
}

/** Memory of the first buffer. */
export const planned = (offset: number): Fields => ({ 6: { table: { 0: { u32: 1 }, 1: { u32: offset } } } });

export const kernelCall = (operator: number, ...given: readonly number[]): Table => ({
  table: { 0: { u8: 1 }, 1: { table: { 0: { i32: operator }, 1: { i32s: given } } } },
});

export const operator = (name: string, overload = 'out'): Table => ({
  table: { 0: { text: name }, 1: { text: overload } },
});

export interface Parts {
  readonly values?: readonly Table[];
  readonly steps?: readonly Table[];
  readonly operators?: readonly Table[];
  readonly delegates?: readonly Table[];
  /** Other fields of `ExecutionPlan` by number. */
  readonly plan?: Fields;
  /** Other fields of `Program`. */
  readonly program?: Fields;
}

/** A method `forward` over tensors in a buffer of 64 bytes. */
export function methodOf({ values = [], steps = [], operators = [], delegates = [], plan = {} }: Parts): Table {
  return {
    table: {
      0: { text: 'forward' },
      2: { tables: values },
      3: none,
      4: none,
      5: { tables: [{ table: { 0: none, 1: none, 2: { tables: steps } } }] },
      6: { tables: operators },
      7: { tables: delegates },
      8: { i64s: [0n, 64n] },
      ...plan,
    },
  };
}

const header = { bytes: 24, length: 24 } as const;

/** A complete `.pte` with one method, without segments. */
export function programFile(parts: Parts = {}): Uint8Array {
  return programOf({ table: { 1: { tables: [methodOf(parts)] }, ...parts.program } });
}

/** A complete `.pte` without segments. */
export function programOf(root: Table): Uint8Array {
  const bytes = build(root, 'ET12', header.bytes);
  const view = new DataView(bytes.buffer);
  Buffer.from('eh00').copy(bytes, 8);
  view.setUint32(12, header.length, true);
  view.setBigUint64(16, BigInt(bytes.length), true);
  return bytes;
}

/** An XNNPACK delegate with its compiled part in the program. `more` has other fields of `BackendDelegate`. */
export function delegate(more: Fields = {}): Table {
  return {
    table: {
      0: { text: 'XnnpackBackend' },
      1: { table: { 0: { u8: 0 }, 1: { u32: 0 } } },
      2: { tables: [] },
      ...more,
    },
  };
}

/** A complete `.ptd`. */
export function weightsFile(root: Fields): Uint8Array {
  const headBytes = 56;
  const bytes = build({ table: root }, 'FT01', headBytes - 8);
  const view = new DataView(bytes.buffer);
  Buffer.from('FH01').copy(bytes, 8);
  view.setUint32(12, 40, true);
  view.setBigUint64(16, BigInt(headBytes), true);
  view.setBigUint64(24, BigInt(bytes.length - headBytes), true);
  view.setBigUint64(32, BigInt(bytes.length), true);
  return bytes;
}
