/**
 * What a `.pte` says about itself, read without running any of it: the FlatBuffer of upstream's
 * `exir/_serialize/program.fbs`. Weights and compiled graphs lie in segments behind it and are not read.
 */
import { every, FlatBuffer, FlatBufferError, type FlatTable } from './flat-buffer.ts';
import { checkInstructions } from './instructions.ts';
import { qnnSpecKey, readQnnOptions, type QnnOptions } from './qnn-options.ts';

export interface TensorShape {
  /** E.g. `float32`; `type 30` for one that the schema does not name. */
  readonly dtype: string;
  /** For a dynamic shape its upper bound. */
  readonly sizes: readonly number[];
  readonly dynamic: boolean;
  /** The runtime gives it memory; otherwise the caller does. */
  readonly planned: boolean;
}

/** An input or output of a method; undefined where it is no tensor. */
type Argument = TensorShape | undefined;

interface Delegate {
  /** E.g. `XnnpackBackend`. */
  readonly backend: string;
  /** Of its compiled part: bytes of the segment or of the inline data. */
  readonly bytes: number;
  readonly qnn?: QnnOptions;
}

export interface Method {
  readonly name: string;
  readonly inputs: readonly Argument[];
  readonly outputs: readonly Argument[];
  readonly delegates: readonly Delegate[];
  /** With overload, e.g. `aten::add.out`. */
  readonly operators: readonly string[];
  /** Memory that the runtime gives to the method's tensors: activations, and the KV cache where the method keeps it. */
  readonly plannedBytes: number;
}

export interface Segment {
  /** From the start of the segments. */
  readonly offset: bigint;
  readonly size: bigint;
}

export interface ProgramFacts {
  readonly version: number;
  readonly methods: readonly Method[];
  readonly segments: readonly Segment[];
  /** Keys of data that other files may hold. */
  readonly externalData: readonly string[];
  /** Whole numbers that methods without arguments give, by name: what the exporter wrote down, e.g. `get_max_seq_len`. */
  readonly numbers: ReadonlyMap<string, number>;
}

const program = { version: 0, plans: 1, inlineData: 3, segments: 4 } as const;
const plan = { name: 0, values: 2, inputs: 3, outputs: 4, chains: 5, operators: 6, delegates: 7, planned: 8 } as const;
const value = { type: 0, content: 1 } as const;
const tensor = { dtype: 0, sizes: 2, buffer: 5, allocation: 6, dynamism: 8, extra: 9 } as const;
const extra = { name: 1, location: 2 } as const;
const operator = { name: 0, overload: 1 } as const;
const delegate = { id: 0, processed: 1, specs: 2 } as const;
const processed = { location: 0, index: 1 } as const;
const spec = { key: 0, value: 1 } as const;
const segment = { offset: 0, size: 1 } as const;
const inline = { data: 0 } as const;
const whole = { value: 0 } as const;

/** Of the union `KernelTypes`, counted from 1. */
const wholeType = 2;
const tensorType = 5;
const segmentLocation = 1;
const externalLocation = 1;

/** More than any language model's program has. */
const most = { methods: 256, arguments: 10_000, delegates: 10_000, operators: 10_000, specs: 64, segments: 100_000 };

const dtypes: Readonly<Record<number, string>> = {
  ...{
    0: 'uint8',
    1: 'int8',
    2: 'int16',
    3: 'int32',
    4: 'int64',
    5: 'float16',
    6: 'float32',
    7: 'float64',
    11: 'bool',
  },
  ...{ 15: 'bfloat16', 22: 'bits16', 27: 'uint16', 28: 'uint32', 29: 'uint64' },
};

/**
 * @param flatBuffer the file's FlatBuffer alone
 * @throws FlatBufferError
 */
export function readProgram(flatBuffer: Uint8Array): ProgramFacts {
  const root = new FlatBuffer(flatBuffer).root();
  const segments = every(root.tables(program.segments), most.segments).map((table) => ({
    offset: table.u64(segment.offset),
    size: table.u64(segment.size),
  }));
  const inlineData = root.tables(program.inlineData);
  const sizeOf = (reference: FlatTable | undefined): number => {
    if (reference === undefined) return 0;
    const index = reference.u32(processed.index);
    if (reference.u8(processed.location) === segmentLocation) {
      const found = segments[index];
      if (found === undefined) throw new FlatBufferError(`it names a segment ${index} that it does not have.`);
      return Number(found.size);
    }
    const found = inlineData.at(index);
    if (found === undefined) throw new FlatBufferError(`it names a compiled part ${index} that it does not have.`);
    return found.byteVector(inline.data).length;
  };
  const externalData = new Set<string>();
  const plans = every(root.tables(program.plans), most.methods);
  const methods = plans.map((table) => readMethod(table, sizeOf, externalData));
  return {
    version: root.u32(program.version),
    methods,
    segments,
    externalData: [...externalData],
    numbers: new Map(plans.flatMap(numberOf)),
  };
}

/** That its methods delegate to, each once. */
export function backendsOf({ methods }: Pick<ProgramFacts, 'methods'>): readonly string[] {
  return [...new Set(methods.flatMap(({ delegates }) => delegates.map(({ backend }) => backend)))];
}

/** That any of its methods calls, each once. */
export function operatorsOf({ methods }: Pick<ProgramFacts, 'methods'>): readonly string[] {
  return [...new Set(methods.flatMap(({ operators }) => operators))];
}

/** The name of a method that only gives a whole number, with that number. */
function numberOf(table: FlatTable): readonly (readonly [string, number])[] {
  const [output, ...others] = table.i32Vector(plan.outputs);
  if (output === undefined || others.length > 0 || table.i32Vector(plan.inputs).length > 0) return [];
  const found = table.tables(plan.values).at(output);
  if (found?.u8(value.type) !== wholeType) return [];
  const number = Number(BigInt.asIntN(64, found.table(value.content)?.u64(whole.value) ?? 0n));
  return [[table.string(plan.name), number]];
}

function readMethod(
  table: FlatTable,
  sizeOf: (reference: FlatTable | undefined) => number,
  externalData: Set<string>,
): Method {
  const values = table.tables(plan.values);
  const argumentsOf = (field: number): readonly Argument[] => {
    const indices = table.i32Vector(field);
    if (indices.length > most.arguments) throw new FlatBufferError(`a method of it takes ${indices.length} arguments.`);
    return indices.map((index) => {
      const found = values.at(index);
      if (found === undefined)
        throw new FlatBufferError(`a method of it names a value ${index} that it does not have.`);
      return found.u8(value.type) === tensorType ? shapeOf(found.table(value.content)) : undefined;
    });
  };
  checkInstructions(table.tables(plan.chains), {
    values: values.length,
    operators: table.tables(plan.operators).length,
    delegates: table.tables(plan.delegates).length,
  });
  for (let index = 0; index < values.length; index++) noteExternal(values.at(index), externalData);
  return {
    name: table.string(plan.name),
    inputs: argumentsOf(plan.inputs),
    outputs: argumentsOf(plan.outputs),
    delegates: every(table.tables(plan.delegates), most.delegates).map((one) => {
      const compileSpec = every(one.tables(delegate.specs), most.specs).find(
        (found) => found.string(spec.key) === qnnSpecKey,
      );
      return {
        backend: one.string(delegate.id),
        bytes: sizeOf(one.table(delegate.processed)),
        ...(compileSpec === undefined ? {} : { qnn: readQnnOptions(compileSpec.byteVector(spec.value)) }),
      };
    }),
    operators: every(table.tables(plan.operators), most.operators).map((one) => {
      const name = one.string(operator.name);
      const overload = one.string(operator.overload);
      // The runtime looks up no kernel for it, and calls one all the same.
      if (name === '') throw new FlatBufferError('one of its operators has no name.');
      return `${name}${overload ? `.${overload}` : ''}`;
    }),
    // The first entry stands for what is not memory of the program.
    plannedBytes: table
      .u64Vector(plan.planned)
      .slice(1)
      .reduce((sum, bytes) => sum + Number(bytes), 0),
  };
}

function shapeOf(table: FlatTable | undefined): TensorShape | undefined {
  if (table === undefined) return undefined;
  const dtype = table.u8(tensor.dtype);
  return {
    dtype: dtypes[dtype] ?? `type ${dtype}`,
    sizes: table.i32Vector(tensor.sizes),
    dynamic: table.u8(tensor.dynamism) !== 0,
    planned: table.table(tensor.allocation) !== undefined,
  };
}

function noteExternal(found: FlatTable | undefined, keys: Set<string>): void {
  if (found?.u8(value.type) !== tensorType) return;
  const more = found.table(value.content)?.table(tensor.extra);
  if (more?.u8(extra.location) === externalLocation) keys.add(more.string(extra.name));
}
