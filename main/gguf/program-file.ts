/**
 * Writes ExecuTorch programs (`.pte`): values, instructions and a memory plan. Format: ExecuTorch 1.5's `schema/program.fbs`.
 * Programs made here hold no data: constants are external tensors.
 */
import { Builder } from 'flatbuffers';
import { finished, numbers, table, tables, type Offset } from './flat-buffer-writer.ts';

/** ExecuTorch's ScalarType, with the bytes of an element. */
export const dtypes = {
  byte: { number: 0, bytes: 1 },
  long: { number: 4, bytes: 8 },
  float: { number: 6, bytes: 4 },
} as const;
export type Dtype = keyof typeof dtypes;

/** Alignment of planned memory. */
const alignment = 64;
/** Places in the union `KernelTypes`. */
const kinds = { null: 1, int: 2, bool: 3, double: 4, tensor: 5 } as const;
/** Place in the union `InstructionArguments`. */
const kernelCall = 1;
/** `TensorShapeDynamism`. */
const shapes = { static: 0, dynamicBound: 1 } as const;
/** `TensorDataLocation`. */
const external = 1;
/** The one memory that tensors are planned in; memory 0 is for constants. */
const arena = 1;

export interface TensorOptions {
  /** The sizes are upper bounds: the shape changes from call to call. */
  readonly dynamic?: boolean;
  /** The name of its data outside of the program. */
  readonly external?: string;
  /** Whether the plan gives it memory. */
  readonly planned?: boolean;
  /** Whether it keeps its contents from call to call. */
  readonly lasting?: boolean;
}

/** A tensor value. */
class Tensor {
  readonly dtype: Dtype;
  readonly sizes: readonly number[];
  readonly dynamic: boolean;
  readonly external: string | undefined;
  readonly planned: boolean;
  readonly lasting: boolean;
  /** The first instruction that uses it, and the one after the last. */
  first = 0;
  end = 0;
  /** Its place in the arena. */
  offset = 0;

  constructor(dtype: Dtype, sizes: readonly number[], options: TensorOptions) {
    this.dtype = dtype;
    this.sizes = sizes;
    this.dynamic = options.dynamic ?? false;
    this.external = options.external;
    this.planned = options.planned ?? true;
    this.lasting = options.lasting ?? false;
  }

  /** Rounded up to the alignment. */
  get bytes(): number {
    const bytes = this.sizes.reduce((product, size) => product * size, dtypes[this.dtype].bytes);
    return Math.ceil(bytes / alignment) * alignment;
  }

  use(at: number): void {
    if (this.end === 0) this.first = at;
    this.end = at + 1;
  }

  /** Whether both need their memory at the same time. */
  meets(other: Tensor): boolean {
    return this.lasting || other.lasting || (this.first < other.end && other.first < this.end);
  }
}

type Value = Tensor | null | boolean | bigint | number;

/** A method in progress: values by index, and calls of operators in order. Each value belongs to one method. */
export class Method {
  readonly name: string;
  inputs: readonly number[] = [];
  outputs: readonly number[] = [];
  readonly values: Value[] = [];
  readonly operators: (readonly [name: string, overload: string])[] = [];
  readonly calls: (readonly [operator: number, values: readonly number[]])[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Adds a value and returns its index. An integer is a bigint; a number is a double. */
  value(value: null | boolean | bigint | number): number {
    return this.values.push(value) - 1;
  }

  tensor(dtype: Dtype, sizes: readonly number[], options: TensorOptions = {}): number {
    return this.values.push(new Tensor(dtype, sizes, options)) - 1;
  }

  /** Adds a tensor whose data is outside of the program. */
  constant(name: string, dtype: Dtype, sizes: readonly number[]): number {
    return this.tensor(dtype, sizes, { external: name, planned: false });
  }

  /** Adds a call of an operator (`namespace::name`). Values are in the schema's order, outputs last. */
  call(operator: string, overload: string, ...values: readonly number[]): void {
    let index = this.operators.findIndex(([name, over]) => name === operator && over === overload);
    if (index < 0) index = this.operators.push([operator, overload]) - 1;
    for (const at of values) {
      const value = this.values[at];
      if (value instanceof Tensor) value.use(this.calls.length);
    }
    this.calls.push([index, values]);
  }

  /**
   * Places every planned tensor so that tensors in use at the same time do not overlap. Lasting tensors and the outputs are
   * in use all the time. @returns the plan's bytes
   */
  plan(): number {
    for (const index of this.outputs) {
      const value = this.values[index];
      if (value instanceof Tensor) value.end = this.calls.length + 1;
    }
    const planned = this.values.filter((value) => value instanceof Tensor && value.planned) as Tensor[];
    planned.sort((one, other) => Number(other.lasting) - Number(one.lasting) || other.bytes - one.bytes);
    const placed: Tensor[] = [];
    let total = 0;
    for (const tensor of planned) {
      tensor.offset = 0;
      for (const other of placed) {
        if (!tensor.meets(other)) continue;
        if (tensor.offset + tensor.bytes <= other.offset) break;
        tensor.offset = Math.max(tensor.offset, other.offset + other.bytes);
      }
      total = Math.max(total, tensor.offset + tensor.bytes);
      const at = placed.findIndex((other) => other.offset > tensor.offset);
      placed.splice(at < 0 ? placed.length : at, 0, tensor);
    }
    return total;
  }
}

/** A method without inputs that returns a number: a program's metadata. */
export function constantMethod(name: string, value: bigint | boolean): Method {
  const method = new Method(name);
  method.outputs = [method.value(value)];
  return method;
}

/** Returns the program's bytes. The same methods give the same bytes. */
export function writeProgram(methods: readonly Method[]): Uint8Array {
  const builder = new Builder(1 << 16);
  const plans = tables(
    builder,
    methods.map((method) => plan(builder, method)),
  );
  // The runtime reads this as "no constants inside".
  const segment = table(builder, 2, { 1: numbers(builder, [0], 8) });
  return finished(builder, table(builder, 8, { 1: plans, 5: segment }), 'ET12');
}

function plan(builder: Builder, method: Method): Offset {
  const memory = method.plan();
  const values = tables(
    builder,
    method.values.map((value) => writeValue(builder, value)),
  );
  const operators = tables(
    builder,
    method.operators.map(([name, overload]) =>
      table(builder, 2, { 0: builder.createString(name), 1: builder.createString(overload) }),
    ),
  );
  const steps = tables(
    builder,
    method.calls.map(([operator, indices]) => step(builder, operator, indices)),
  );
  const nothing = numbers(builder, [], 4);
  const chains = tables(builder, [table(builder, 4, { 0: nothing, 1: nothing, 2: steps })]);
  const delegates = tables(builder, []);
  const sizes = numbers(builder, memory > 0 ? [0, memory] : [0], 8);
  const inputs = numbers(builder, method.inputs, 4);
  const outputs = numbers(builder, method.outputs, 4);
  const leaf = '{"type": null, "context": null, "children_spec": []}';
  const container = table(builder, 2, { 0: builder.createString(''), 1: builder.createString(`[1, ${leaf}]`) });
  return table(builder, 10, {
    0: builder.createString(method.name),
    1: container,
    2: values,
    3: inputs,
    4: outputs,
    5: chains,
    6: operators,
    7: delegates,
    8: sizes,
  });
}

function writeValue(builder: Builder, value: Value): Offset {
  const [kind, content] = union(builder, value);
  builder.startObject(2);
  builder.addFieldInt8(0, kind, 0);
  builder.addFieldOffset(1, content, 0);
  return builder.endObject();
}

function union(builder: Builder, value: Value): readonly [kind: number, content: Offset] {
  if (value === null) return [kinds.null, table(builder, 0, {})];
  if (value instanceof Tensor) return [kinds.tensor, writeTensor(builder, value)];
  builder.startObject(1);
  if (typeof value === 'boolean') builder.addFieldInt8(0, Number(value), 0);
  else if (typeof value === 'bigint') builder.addFieldInt64(0, value, 0n);
  else builder.addFieldFloat64(0, value, 0);
  const kind = typeof value === 'boolean' ? kinds.bool : typeof value === 'bigint' ? kinds.int : kinds.double;
  return [kind, builder.endObject()];
}

function writeTensor(builder: Builder, tensor: Tensor): Offset {
  const sizes = numbers(builder, tensor.sizes, 4);
  const order = numbers(builder, [...tensor.sizes.keys()], 1);
  let allocation: Offset = 0;
  if (tensor.planned) {
    builder.startObject(3);
    builder.addFieldInt32(0, arena, 0);
    builder.addFieldInt32(1, tensor.offset % 2 ** 32, 0);
    builder.addFieldInt32(2, Math.floor(tensor.offset / 2 ** 32), 0);
    allocation = builder.endObject();
  }
  let extra: Offset = 0;
  if (tensor.external !== undefined) {
    const name = builder.createString(tensor.external);
    builder.startObject(5);
    builder.addFieldOffset(1, name, 0);
    builder.addFieldInt8(2, external, 0);
    extra = builder.endObject();
  }
  builder.startObject(10);
  builder.addFieldInt8(0, dtypes[tensor.dtype].number, 0);
  builder.addFieldOffset(2, sizes, 0);
  builder.addFieldOffset(3, order, 0);
  builder.addFieldOffset(6, allocation, 0);
  builder.addFieldInt8(8, tensor.dynamic ? shapes.dynamicBound : shapes.static, 0);
  builder.addFieldOffset(9, extra, 0);
  return builder.endObject();
}

function step(builder: Builder, operator: number, indices: readonly number[]): Offset {
  const values = numbers(builder, indices, 4);
  builder.startObject(2);
  builder.addFieldInt32(0, operator, 0);
  builder.addFieldOffset(1, values, 0);
  const call = builder.endObject();
  builder.startObject(2);
  builder.addFieldInt8(0, kernelCall, 0);
  builder.addFieldOffset(1, call, 0);
  return builder.endObject();
}
