/**
 * Reads the facts in a `.pte` without running it: the FlatBuffer of upstream's `schema/program.fbs`. Weights and compiled
 * graphs are in segments after it and are not read here.
 */
import { dtypeName } from './dtypes.ts';
import { every, FlatBuffer, FlatBufferError, type FlatTable } from './flat-buffer.ts';
import { checkInstructions, type DelegateCall } from './instructions.ts';
import { qnnBackend, qnnSpecKey, readQnnOptions, type QnnOptions } from './qnn-options.ts';
import { programSchema } from './schema/program-fbs.ts';
import { requireComplete } from './schema/schema.ts';
import { externalLocation, extra, tensor, type Memory, type Region } from './tensors.ts';
import { readValues, type Value } from './values.ts';

export interface TensorShape {
  /** E.g. `float32`. An unknown type is written like `type 30`. */
  readonly dtype: string;
  /** For a dynamic shape, its upper bound. */
  readonly sizes: readonly number[];
  readonly dynamic: boolean;
  /** True if the runtime allocates its memory, false if the caller does. */
  readonly planned: boolean;
}

/** An input or output of a method; undefined if it is not a tensor. */
type Argument = TensorShape | undefined;

interface Delegate {
  /** E.g. `XnnpackBackend`. */
  readonly backend: string;
  /** Size of its compiled part, in a segment or inline. */
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
  /** Memory that the runtime allocates for the method's tensors: activations, and the KV cache if the method keeps it. */
  readonly plannedBytes: number;
  /** Whether a tensor besides the KV caches keeps its values from one call to the next. */
  readonly carriesTensors: boolean;
}

export interface Segment {
  /** Counted from the start of the segments. */
  readonly offset: bigint;
  readonly size: bigint;
}

export interface CallArgument {
  /** Undefined if it is not a tensor. */
  readonly shape: Argument;
  readonly mayWrite: boolean;
}

/** The compiled part of a delegate, and the arguments that the program passes to it. */
export interface Payload {
  readonly backend: string;
  /** The index of its segment, or the bytes themselves. */
  readonly data: number | Uint8Array;
  /** The arguments of each call. */
  readonly calls: readonly (readonly CallArgument[])[];
}

export interface ProgramFacts {
  readonly version: number;
  readonly methods: readonly Method[];
  readonly segments: readonly Segment[];
  /** Keys of data that other files may have. */
  readonly externalData: readonly string[];
  /** Bytes of the program's own named data for its delegates. */
  readonly namedData: ReadonlyMap<string, bigint>;
  /** The compiled parts of all delegates. */
  readonly payloads: readonly Payload[];
  /** Whole numbers that methods without arguments return, by name. The exporter stores facts this way, e.g. `get_max_seq_len`. */
  readonly numbers: ReadonlyMap<string, number>;
  /** A model in context binaries of Qualcomm's AI Hub; absent for programs of ExecuTorch. */
  readonly origin?: 'ai-hub';
}

const program = {
  version: 0,
  plans: 1,
  inlineData: 3,
  segments: 4,
  constants: 5,
  mutable: 6,
  named: 7,
} as const;
const plan = { name: 0, values: 2, inputs: 3, outputs: 4, chains: 5, operators: 6, delegates: 7, planned: 8 } as const;
const operator = { name: 0, overload: 1 } as const;
const delegate = { id: 0, processed: 1, specs: 2 } as const;
const processed = { location: 0, index: 1 } as const;
const spec = { key: 0, value: 1 } as const;
const segment = { offset: 0, size: 1 } as const;
const subsegments = { segment: 0, offsets: 1 } as const;
const named = { key: 0, segment: 1 } as const;
const inline = { data: 0 } as const;
const whole = { value: 0 } as const;

const segmentLocation = 1;

/** Limits above the needs of any language model's program. */
const most = {
  methods: 256,
  arguments: 10_000,
  delegates: 10_000,
  operators: 10_000,
  specs: 64,
  segments: 100_000,
  named: 100_000,
};

/**
 * Reads a program and checks its FlatBuffer: every field that the runtime reads without a check is present, and every index is
 * valid.
 * @param flatBuffer the file's FlatBuffer alone
 * @throws FlatBufferError
 */
export function readProgram(flatBuffer: Uint8Array): ProgramFacts {
  const root = new FlatBuffer(flatBuffer).root();
  requireComplete(root, programSchema);
  const parts = readParts(root);
  const plans = every(root.tables(program.plans), most.methods).map((table) => readMethod(table, parts));
  const names = plans.map(({ method }) => method.name);
  if (new Set(names).size !== names.length) throw new FlatBufferError('two of its methods have one name.');
  return {
    version: root.u32(program.version),
    methods: plans.map(({ method }) => method),
    segments: parts.segments,
    externalData: [...new Set(plans.flatMap(({ externalData }) => externalData))],
    namedData: readNamedData(root, parts),
    payloads: plans.flatMap(({ payloads }) => payloads),
    numbers: new Map(plans.flatMap(({ numbers }) => numbers)),
  };
}

/** The parts that the methods of a program share. */
interface Parts {
  readonly root: FlatTable;
  readonly segments: readonly Segment[];
  readonly constants: Region | undefined;
  readonly initial: Region | undefined;
}

function readParts(root: FlatTable): Parts {
  const segments = every(root.tables(program.segments), most.segments).map((table) => ({
    offset: table.u64(segment.offset),
    size: table.u64(segment.size),
  }));
  const region = (table: FlatTable | undefined): Region | undefined =>
    table && {
      offsets: table.u64Vector(subsegments.offsets),
      // The first offset stands for tensors without data. A list with only this offset names no segment.
      bytes: table.length(subsegments.offsets) > 1 ? segmentOf(segments, table.u32(subsegments.segment)).size : 0n,
    };
  return {
    root,
    segments,
    constants: region(root.table(program.constants)),
    initial: region(root.tables(program.mutable).at(0)),
  };
}

function segmentOf(segments: readonly Segment[], index: number): Segment {
  const found = segments[index];
  if (found === undefined) throw new FlatBufferError(`it names a segment ${index} that it does not have.`);
  return found;
}

function readNamedData(root: FlatTable, { segments }: Parts): ReadonlyMap<string, bigint> {
  return new Map(
    every(root.tables(program.named), most.named).map((table) => [
      table.string(named.key),
      segmentOf(segments, table.u32(named.segment)).size,
    ]),
  );
}

/** Returns the backends that its methods delegate to, each once. */
export function backendsOf({ methods }: Pick<ProgramFacts, 'methods'>): readonly string[] {
  return [...new Set(methods.flatMap(({ delegates }) => delegates.map(({ backend }) => backend)))];
}

/** Returns the operators that its methods call, each once. */
export function operatorsOf({ methods }: Pick<ProgramFacts, 'methods'>): readonly string[] {
  return [...new Set(methods.flatMap(({ operators }) => operators))];
}

interface ReadMethod {
  readonly method: Method;
  readonly externalData: readonly string[];
  readonly payloads: readonly Payload[];
  /** Its name and the number that it returns, if it does nothing else. */
  readonly numbers: readonly (readonly [string, number])[];
}

function readMethod(table: FlatTable, parts: Parts): ReadMethod {
  const planned = table.i64Vector(plan.planned);
  if (planned.some((bytes) => bytes < 0n))
    throw new FlatBufferError('it has a method that plans a negative amount of memory.');
  const memory: Memory = { constants: parts.constants, initial: parts.initial, planned };
  const values = readValues(table.tables(plan.values), memory);
  const inputs = indicesOf(table, plan.inputs, values);
  const outputs = indicesOf(table, plan.outputs, values);
  const operators = every(table.tables(plan.operators), most.operators).map(operatorName);
  const delegates = every(table.tables(plan.delegates), most.delegates);
  const { calls, mayWrite, carriesTensors } = checkInstructions(table.tables(plan.chains), {
    values,
    operators,
    delegates: delegates.length,
    inputs: new Set(inputs),
    outputs: new Set(outputs),
  });
  const shapes = (indices: readonly number[]): readonly Argument[] => indices.map((index) => shapeOf(values[index]));
  const name = table.string(plan.name);
  return {
    method: {
      name,
      inputs: shapes(inputs),
      outputs: shapes(outputs),
      delegates: delegates.map((one) => readDelegate(one, parts)),
      operators,
      // The first entry stands for memory outside of the program.
      plannedBytes: planned.slice(1).reduce((sum, bytes) => sum + Number(bytes), 0),
      carriesTensors,
    },
    externalData: values.flatMap(externalKey),
    payloads: delegates.map((one, index) => ({
      backend: one.string(delegate.id),
      data: dataOf(one, parts),
      calls: argumentsOf(calls, index).map((given) =>
        given.map((at) => ({ shape: shapeOf(values[at]), mayWrite: mayWrite(at) })),
      ),
    })),
    numbers: inputs.length === 0 ? numberOf(name, outputs, values) : [],
  };
}

function indicesOf(table: FlatTable, field: number, values: readonly Value[]): readonly number[] {
  const indices = table.i32Vector(field);
  if (indices.length > most.arguments) throw new FlatBufferError(`it has a method with ${indices.length} arguments.`);
  for (const index of indices) {
    if (values[index] === undefined) {
      throw new FlatBufferError(`it has a method that names a value ${index} that it does not have.`);
    }
  }
  return indices;
}

function operatorName(table: FlatTable): string {
  const name = table.string(operator.name);
  const overload = table.string(operator.overload);
  // The runtime would not look up a kernel, but would still call one.
  if (name === '') throw new FlatBufferError('one of its operators has no name.');
  return `${name}${overload ? `.${overload}` : ''}`;
}

function argumentsOf(calls: readonly DelegateCall[], index: number): readonly (readonly number[])[] {
  return calls.filter((call) => call.delegate === index).map((call) => call.arguments);
}

function readDelegate(table: FlatTable, parts: Parts): Delegate {
  const data = dataOf(table, parts);
  const compileSpec = every(table.tables(delegate.specs), most.specs).find(
    (found) => found.string(spec.key) === qnnSpecKey,
  );
  const backend = table.string(delegate.id);
  if (backend === qnnBackend && compileSpec === undefined) {
    throw new FlatBufferError(`one of its parts for the NPU has no compile spec “${qnnSpecKey}”.`);
  }
  return {
    backend,
    bytes: typeof data === 'number' ? Number(segmentOf(parts.segments, data).size) : data.length,
    ...(compileSpec === undefined ? {} : { qnn: readQnnOptions(compileSpec.byteVector(spec.value)) }),
  };
}

function dataOf(table: FlatTable, { root, segments }: Parts): number | Uint8Array {
  const reference = table.table(delegate.processed);
  const index = reference?.u32(processed.index) ?? 0;
  if (reference?.u8(processed.location) === segmentLocation) {
    segmentOf(segments, index);
    return index;
  }
  const found = root.tables(program.inlineData).at(index);
  if (found === undefined) throw new FlatBufferError(`it names a compiled part ${index} that it does not have.`);
  return found.byteVector(inline.data);
}

function numberOf(
  name: string,
  outputs: readonly number[],
  values: readonly Value[],
): readonly (readonly [string, number])[] {
  const found = values[outputs[0] ?? -1];
  if (outputs.length !== 1 || found?.kind !== 'int') return [];
  return [[name, Number(BigInt.asIntN(64, found.content.u64(whole.value)))]];
}

function shapeOf(value: Value | undefined): Argument {
  if (value?.kind !== 'tensor') return undefined;
  const { content } = value;
  return {
    dtype: dtypeName(content.u8(tensor.dtype)),
    sizes: content.i32Vector(tensor.sizes),
    dynamic: content.u8(tensor.dynamism) !== 0,
    planned: content.has(tensor.allocation),
  };
}

function externalKey({ kind, content }: Value): readonly string[] {
  const more = kind === 'tensor' ? content.table(tensor.extra) : undefined;
  return more?.u8(extra.location) === externalLocation ? [more.string(extra.name)] : [];
}
