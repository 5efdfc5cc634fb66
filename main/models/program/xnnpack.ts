/**
 * Checks the compiled part of an XNNPACK delegate: the header `XH00`, the FlatBuffer of a graph, and constants after it or
 * elsewhere under a name. XNNPACK does not check ids and offsets, and it derives the size of constants from the shapes of
 * values.
 *
 * Header (little-endian): `XH00` at byte 4, its length u16 at 8, offset and size of the FlatBuffer u32 at 10 and 14, offset of
 * the constants u32 at 18 and their size u64 at 22.
 */
import { elementsOf } from './dtypes.ts';
import { every, FlatBuffer, FlatBufferError, ForeignPart, type FlatTable, type FlatTables } from './flat-buffer.ts';
import type { CallArgument } from './program.ts';
import { requireComplete } from './schema/schema.ts';
import { graphSchema, nodeKinds, noValue, quantParams, tensorValue } from './schema/xnnpack-fbs.ts';

export const xnnpackHeadBytes = 32;

export interface XnnpackLayout {
  readonly graphAt: number;
  readonly graphBytes: number;
  readonly constantBytes: bigint;
}

/** @param bytes of the whole part @throws FlatBufferError */
export function readXnnpackHead(head: Uint8Array, bytes: bigint): XnnpackLayout {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < xnnpackHeadBytes || view.getUint32(4, true) !== 0x30_30_48_58) {
    throw new FlatBufferError('one of its parts for XNNPACK has no header.');
  }
  const graphAt = view.getUint32(10, true);
  const graphBytes = view.getUint32(14, true);
  const constantsAt = BigInt(view.getUint32(18, true));
  const constantBytes = view.getBigUint64(22, true);
  const end = BigInt(graphAt) + BigInt(graphBytes);
  if (graphAt < xnnpackHeadBytes - 2 || end > bytes || constantsAt + constantBytes > bytes) {
    throw new FlatBufferError('one of its parts for XNNPACK is cut short.');
  }
  return { graphAt, graphBytes, constantBytes };
}

const graph = { nodes: 1, values: 2, externals: 3, inputs: 4, outputs: 5, buffers: 6, constants: 8 } as const;
const constantData = { offset: 0, size: 1, key: 2 } as const;
const quantisedValue = { value: 0, type: 1, params: 2 } as const;
/** Field number in `XNode`. */
const bounds = 3;
const fullyConnected = { filter: 1, bias: 2, flags: 4 } as const;
/** `XNN_FLAG_TRANSPOSE_WEIGHTS`. */
const transposed = 1;
const flag = { input: 1, output: 2 } as const;
/** `step`: of any number of a convolution. */
const most = { rank: 6, values: 100_000, nodes: 100_000, externals: 4096, elements: 2n ** 40n, step: 2 ** 20 };

/** `XNNDatatype` → bits of an element, and the required dtype of a delegate's argument for a value of this type. */
const datatypes: ReadonlyMap<number, { readonly bits: bigint; readonly argument?: string }> = new Map([
  [1, { bits: 32n, argument: 'float32' }],
  [2, { bits: 16n, argument: 'float16' }],
  [3, { bits: 8n, argument: 'int8' }],
  [4, { bits: 8n, argument: 'uint8' }],
  [5, { bits: 32n }],
  [6, { bits: 8n }],
  [7, { bits: 32n }],
  [8, { bits: 4n }],
  [9, { bits: 8n }],
  [10, { bits: 4n }],
  [11, { bits: 8n }],
  [12, { bits: 32n, argument: 'int32' }],
  [14, { bits: 16n, argument: 'bfloat16' }],
]);

interface Value {
  readonly id: number;
  readonly dims: readonly number[];
  readonly datatype: number;
  readonly external: number | undefined;
  readonly isConstant: boolean;
}

/** Data in another file by name, with the number of bytes that are read. */
export type NamedNeeds = ReadonlyMap<string, bigint>;

/**
 * Checks a graph against the calls that the program makes of it.
 * @param calls the arguments of each call
 * @throws FlatBufferError
 */
export function checkXnnpackGraph(
  flatBuffer: Uint8Array,
  constantBytes: bigint,
  calls: readonly (readonly CallArgument[])[],
): NamedNeeds {
  const root = new FlatBuffer(flatBuffer).root();
  requireComplete(root, graphSchema);
  const constants = new Constants(root, constantBytes);
  const values = every(root.tables(graph.values), most.values).map((table) => readValue(table, constants));
  const byId = new Map(values.map((value) => [value.id, value]));
  if (byId.size !== values.length) fail('gives two values one id');
  const listed = (field: number): readonly number[] =>
    root.u32Vector(field).map((id) => byId.get(id)?.external ?? fail(`names an argument ${id} that is none`));
  const [inputs, outputs] = [listed(graph.inputs), listed(graph.outputs)];
  const externals = new Map(values.flatMap((value) => (value.external === undefined ? [] : [[value.external, value]])));
  checkExternals(root.u32(graph.externals), [...inputs, ...outputs], externals, values);
  checkNodes(root.tables(graph.nodes), byId, new Set(inputs));
  for (const call of calls) checkCall(call, new Set(inputs), externals);
  return constants.named;
}

function fail(what: string): never {
  throw new FlatBufferError(`it has a graph for XNNPACK that ${what}.`);
}

/** The constants that values read outside of the graph. */
class Constants {
  readonly named = new Map<string, bigint>();
  readonly #buffers: FlatTables;
  readonly #data: FlatTables;
  readonly #bytes: bigint;

  constructor(root: FlatTable, bytes: bigint) {
    this.#buffers = root.tables(graph.buffers);
    this.#data = root.tables(graph.constants);
    this.#bytes = bytes;
  }

  require(index: number, bytes: bigint): void {
    const data = this.#data.at(index);
    if (data === undefined) {
      const buffer = this.#buffers.at(index);
      if (this.#data.length > 0 || buffer === undefined) fail(`names a constant ${index} that it does not have`);
      if (BigInt(buffer.length(0)) < bytes) fail('has a value that is larger than its constant');
      return;
    }
    const size = data.u64(constantData.size);
    if (size < bytes) fail('has a value that is larger than its constant');
    const key = data.string(constantData.key);
    if (key === '') {
      if (data.u64(constantData.offset) + size > this.#bytes) fail('has a constant outside of its part');
    } else if ((this.named.get(key) ?? 0n) < bytes) this.named.set(key, bytes);
  }
}

function readValue(table: FlatTable, constants: Constants): Value {
  const content = table.table(1);
  const isQuantised = table.u8(0) === 2;
  const value = isQuantised ? content?.table(quantisedValue.value) : content;
  if (content === undefined || value === undefined) fail('has a value without content');
  const dims = value.u32Vector(tensorValue.dims);
  const rank = value.u32(tensorValue.rank);
  const datatype = value.u16(tensorValue.type);
  const bits = datatypes.get(datatype)?.bits;
  if (bits === undefined) fail(`has a value of an unknown datatype ${datatype}`);
  if (rank !== dims.length || rank > most.rank) fail(`has a value of ${rank} dimensions with ${dims.length} sizes`);
  const elements = elementsOf(dims);
  if (elements > most.elements) fail('has a value that is too large');
  const constant = value.u32(tensorValue.constant);
  if (constant !== 0) constants.require(constant, (elements * bits + 7n) / 8n);
  if (isQuantised) checkQuantisation(content, dims, constants);
  const external = value.u32(tensorValue.external);
  const flags = value.u32(tensorValue.flags);
  const isExternal = external !== noValue;
  if (isExternal !== ((flags & (flag.input | flag.output)) !== 0) || (isExternal && constant !== 0)) {
    fail('has a value that is neither its own nor an argument');
  }
  return {
    id: value.u32(tensorValue.id),
    dims,
    datatype,
    external: isExternal ? external : undefined,
    isConstant: constant !== 0,
  };
}

function checkQuantisation(value: FlatTable, dims: readonly number[], constants: Constants): void {
  const type = value.u8(quantisedValue.type);
  const params = value.table(quantisedValue.params);
  if (params === undefined) fail('has a quantised value without its scales');
  if (type === quantParams.tensor) return;
  if (type === quantParams.token) {
    if (params.u32(0) > dims.length) fail('quantises more dimensions than a value has');
    return;
  }
  const grouped = type === quantParams.group;
  const [bufferField, countField] = grouped ? [4, 5] : [2, 3];
  const channel = params.u32(1);
  const channels = dims[channel];
  if (channels === undefined) fail(`quantises a dimension ${channel} that a value does not have`);
  const group = grouped ? params.i32(2) : 0;
  if (grouped && group <= 0) fail(`has a group of ${group} elements`);
  const inputs = Number(elementsOf(dims.filter((_, index) => index !== channel)));
  const scales = channels * (grouped ? Math.ceil(inputs / group) : 1);
  const buffer = params.u32(bufferField);
  if (buffer === 0) {
    if (params.length(0) < scales) fail('has fewer scales than channels');
  } else {
    if (params.u32(countField) < scales) fail('has fewer scales than channels');
    // Scales of groups are bfloat16. Scales of channels are float32.
    constants.require(buffer, BigInt(scales) * (grouped ? 2n : 4n));
  }
}

/** Checks that each argument has one value and that the graph lists each value that is an argument. */
function checkExternals(
  declared: number,
  listed: readonly number[],
  externals: ReadonlyMap<number, Value>,
  values: readonly Value[],
): void {
  if (declared > most.externals) fail(`has ${declared} arguments`);
  const count = values.filter(({ external }) => external !== undefined).length;
  const isEach = new Set(listed).size === listed.length && listed.length === externals.size && count === externals.size;
  if (!isEach || listed.some((id) => id >= declared || !externals.has(id))) {
    fail('does not say which of its values are arguments');
  }
}

/** Checks that each node reads only values that exist and writes a value that no other node writes. */
function checkNodes(nodes: FlatTables, values: ReadonlyMap<number, Value>, inputs: ReadonlySet<number>): void {
  const known = new Set(
    [...values.values()]
      .filter(({ isConstant, external }) => isConstant || (external !== undefined && inputs.has(external)))
      .map(({ id }) => id),
  );
  for (const table of every(nodes, most.nodes)) {
    const kind = nodeKinds[table.u8(0) - 1];
    const content = table.table(1);
    if (kind === undefined || content === undefined) fail('has a node without content');
    if (typeof kind === 'string') {
      throw new ForeignPart(
        `it calls ${kind} in XNNPACK, which no language model needs: it is made for images or sounds.`,
      );
    }
    for (const field of kind.inputs) {
      const id = content.u32(field);
      if (id === noValue && kind.optional.includes(field)) continue;
      if (!known.has(id)) fail(`reads a value ${id} that nothing has written`);
    }
    if (kind.schema.name === 'XNNFullyConnected') checkBias(content, values);
    if (kind.schema.name === 'XNNDepthwiseConv2d') checkConvolution(content, values);
    // If the bounds are missing, XNNPACK follows a null pointer.
    if (kind.schema.name === 'XNNClamp' && !table.has(bounds)) fail('has a XNNClamp without “output_min_max”');
    const output = content.u32(kind.output);
    if (!values.has(output) || known.has(output)) fail(`writes a value ${output} that is not its own`);
    checkShape(kind.schema.name, content, values.get(content.u32(kind.inputs[0] ?? 0)));
    known.add(output);
  }
}

/** XNNPACK packs the bias with the weights, one number for each channel. So the bias must be a constant. */
function checkBias(node: FlatTable, values: ReadonlyMap<number, Value>): void {
  const [filter, bias] = [values.get(node.u32(fullyConnected.filter)), values.get(node.u32(fullyConnected.bias))];
  if (filter === undefined || bias === undefined) return;
  const isTransposed = (node.u32(fullyConnected.flags) & transposed) !== 0;
  const channels = BigInt(filter.dims[isTransposed ? 1 : 0] ?? 0);
  if (!bias.isConstant || elementsOf(bias.dims) < channels) fail('has a bias that is no constant of its size');
}

/**
 * A convolution of one channel each. XNNPACK packs filter and bias by the numbers in the node, and divides by them. Values are in
 * the order batch, height, width, channels.
 */
function checkConvolution(node: FlatTable, values: ReadonlyMap<number, Value>): void {
  const numbers = Array.from({ length: 13 }, (_, field) => node.u32(field));
  const [input, filter, bias] = [15, 16, 17].map((field) => values.get(node.u32(field)));
  const [groupInputs = 0, groupOutputs = 0, groups = 0] = numbers.slice(10);
  const isInRange = numbers.every((number) => number <= most.step) && numbers.slice(4).every((number) => number > 0);
  if (!isInRange || groupInputs !== 1) fail('has a convolution whose numbers are out of range');
  const [, , , channels] = input?.dims ?? [];
  // XNNPACK's backend frees the constants that it has packed.
  if (input?.isConstant === true) fail('has a convolution of a constant');
  if (input?.dims.length !== 4 || channels !== groups) fail('has a convolution of other channels than its input');
  const [top = 0, right = 0, bottom = 0, left = 0, height = 0, width = 0, , , stepDown = 0, stepRight = 0] = numbers;
  const [, rows = 0, columns = 0] = input.dims;
  // XNNPACK computes one output from an input that is smaller than the filter, and reads past the input.
  const fits = rows + top + bottom > (height - 1) * stepDown && columns + left + right > (width - 1) * stepRight;
  if (!fits) fail('has a convolution with a filter that is larger than its input');
  const outputs = BigInt(groups) * BigInt(groupOutputs);
  const weights = elementsOf(numbers.slice(4, 6)) * outputs;
  if (filter?.isConstant !== true || elementsOf(filter.dims) < weights) {
    fail('has a convolution whose filter is no constant of its size');
  }
  if (bias !== undefined && (!bias.isConstant || elementsOf(bias.dims) < outputs)) {
    fail('has a bias that is no constant of its size');
  }
}

/** Checks nodes whose lists must be as long as the shape of their input. */
function checkShape(name: string, node: FlatTable, input: Value | undefined): void {
  if (input === undefined) return;
  const rank = node.u32(0);
  const lists = { XNNStaticTranspose: [1], XNNStaticReshape: [1], XNNStaticSlice: [1, 2] }[name] ?? [];
  if (lists.length === 0) return;
  const given = lists.map((field) => node.u32Vector(field));
  if (rank > most.rank || given.some(({ length }) => length !== rank)) fail(`has a ${name} of ${rank} dimensions`);
  const [first = [], second = []] = given;
  if (name === 'XNNStaticReshape') {
    // A 0 takes the remaining elements.
    const fixed = elementsOf(first.filter((size) => size !== 0));
    const elements = elementsOf(input.dims);
    if (first.includes(0) ? elements % fixed !== 0n : elements !== fixed) fail('reshapes a value to another size');
    return;
  }
  if (rank !== input.dims.length) fail(`has a ${name} of ${rank} dimensions`);
  const isOrder = first.toSorted((one, other) => one - other).every((dimension, index) => dimension === index);
  if (name === 'XNNStaticTranspose' && !isOrder) fail('transposes by an invalid order');
  const isInside = first.every((offset, index) => offset + (second[index] ?? 0) <= (input.dims[index] ?? 0));
  if (name === 'XNNStaticSlice' && !isInside) fail('cuts out more than a value has');
}

function checkCall(
  call: readonly CallArgument[],
  inputs: ReadonlySet<number>,
  externals: ReadonlyMap<number, Value>,
): void {
  for (const [id, { datatype, dims }] of externals) {
    const { shape, mayWrite = false } = call[id] ?? {};
    if (shape === undefined) fail(`takes a tensor as its argument ${id} and gets none`);
    if (shape.dtype !== datatypes.get(datatype)?.argument) {
      fail(`gets ${shape.dtype} as its argument ${id}, which is of another type`);
    }
    if (!inputs.has(id) && !mayWrite) fail(`writes into its argument ${id}, which is not its own`);
    if (inputs.has(id) && (shape.sizes.length > most.rank || elementsOf(shape.sizes) > elementsOf(dims))) {
      fail(`gets more as its argument ${id} than it was compiled for`);
    }
  }
}
