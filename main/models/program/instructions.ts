/**
 * Checks the steps of a method: the chains of upstream's `schema/program.fbs`. The runtime follows their numbers without
 * checks, and its kernels assume that each argument has the type in their schema.
 */
import { every, FlatBufferError, type FlatTable, type FlatTables } from './flat-buffer.ts';
import { fits, signatureOf, writesOf } from './operators.ts';
import { tensor } from './tensors.ts';
import type { Value } from './values.ts';

/** The parts of a method that its steps may name. */
export interface Named {
  readonly values: readonly Value[];
  /** Names with overload. */
  readonly operators: readonly string[];
  readonly delegates: number;
  readonly inputs: ReadonlySet<number>;
  readonly outputs: ReadonlySet<number>;
}

/** The arguments of one call of a delegate, as indices of values. */
export interface DelegateCall {
  readonly delegate: number;
  readonly arguments: readonly number[];
}

export interface Steps {
  readonly calls: readonly DelegateCall[];
  /** Whether a step may write into a value. */
  readonly mayWrite: (value: number) => boolean;
  /** Whether a tensor besides the KV caches keeps its values from one run of the steps to the next. */
  readonly carriesTensors: boolean;
}

const chain = { inputs: 0, outputs: 1, instructions: 2 } as const;
const instruction = { type: 0, content: 1 } as const;
/** Types of the union `InstructionArguments`, counted from 1. */
const types = { kernel: 1, delegate: 2 } as const;
const typeNames = ['KernelCall', 'DelegateCall', 'MoveCall', 'JumpFalseCall', 'FreeCall'];
/** Fields of kernel and delegate calls. */
const call = { index: 0, arguments: 1 } as const;

/** ExecuTorch's number of the dtype. */
const int64 = 4;

const most = { chains: 256, instructions: 100_000 };

function requireBelow(index: number, end: number, what: string): void {
  if (index < 0 || index >= end)
    throw new FlatBufferError(`it has a step that names ${what} ${index} that it does not have.`);
}

/**
 * Checks the steps of a method in their order. Language models have no branches.
 * @throws FlatBufferError
 */
export function checkInstructions(chains: FlatTables, named: Named): Steps {
  const all = every(chains, most.chains);
  if (all.length === 0) throw new FlatBufferError('it has a method without a chain.');
  const known = new Memories(named);
  const calls = all.flatMap((one) => {
    for (const field of [chain.inputs, chain.outputs]) {
      for (const index of one.i32Vector(field)) requireBelow(index, named.values.length, 'a value');
    }
    return every(one.tables(chain.instructions), most.instructions).flatMap((step) => {
      const type = step.u8(instruction.type);
      const content = step.table(instruction.content);
      if (content === undefined) throw new FlatBufferError('it has an empty step.');
      if (type === types.kernel) checkKernelCall(content, named, known);
      else if (type === types.delegate) return [readDelegateCall(content, named, known)];
      else {
        const name = typeNames[type - 1] ?? `step ${type}`;
        throw new FlatBufferError(`it has a step ${name}, which language models do not use.`);
      }
      return [];
    });
  });
  known.checkWrites();
  return { calls, mayWrite: (value) => known.mayWrite(value), carriesTensors: known.carriesTensors };
}

/** Knows which tensors have memory at a step, which are writable and which keep their values. */
class Memories {
  readonly #named: Named;
  readonly #present: Set<number>;
  /** A view is only as large as the tensor behind it, even if its own shape may grow. */
  readonly #views = new Set<number>();
  readonly #written = new Map<number, string>();
  /** Tensors that a step reads before any step writes into them. */
  readonly #readFirst = new Set<number>();
  #carriesTensors = false;

  constructor(named: Named) {
    this.#named = named;
    this.#present = new Set([...named.inputs, ...named.outputs]);
  }

  /** A value, or the tensors in a list. */
  tensorsOf(at: number): readonly number[] {
    const { kind, content } = this.#named.values[at] ?? {};
    const isList = kind === 'tensors' || kind === 'optional tensors';
    return isList ? (content?.i32Vector(0) ?? []).filter((item) => item >= 0) : [at];
  }

  /** A step reads a tensor, or each in a list, unless it is one of the step's results. */
  read(at: number, results: readonly number[] = []): void {
    const { values, inputs } = this.#named;
    for (const index of this.tensorsOf(at)) {
      const { kind, home } = values[index] ?? {};
      const isWritten = this.#written.has(index) || results.includes(index);
      if (kind === 'tensor' && home === 'own' && !inputs.has(index) && !isWritten) this.#readFirst.add(index);
    }
  }

  get carriesTensors(): boolean {
    return this.#carriesTensors;
  }

  /** Requires a tensor, or each in a list, to have memory. */
  require(at: number, caller: string): void {
    for (const index of this.tensorsOf(at)) {
      if (this.#named.values[index]?.home === 'nowhere' && !this.#present.has(index)) {
        throw new FlatBufferError(
          `it gives ${caller} the tensor ${index}, which has neither “data_buffer_idx” nor “allocation_info”.`,
        );
      }
    }
  }

  makeView(at: number): void {
    this.#present.add(at);
    this.#views.add(at);
  }

  write(at: number, caller: string): void {
    this.#written.set(at, caller);
    if (this.#readFirst.has(at) && !this.#isRingPosition(at)) this.#carriesTensors = true;
  }

  /** A ring of slots keeps the position of each slot, a whole number. */
  #isRingPosition(at: number): boolean {
    const { operators, values } = this.#named;
    return (
      values[at]?.content.u8(tensor.dtype) === int64 &&
      operators.some((name) => name.startsWith('llama::update_cache_with_indices'))
    );
  }

  /** The caller decides the size of an input. */
  mayWrite(at: number): boolean {
    const { values, inputs, outputs } = this.#named;
    const home = values[at]?.home;
    const isOwn = home === 'own' || (home === 'nowhere' && outputs.has(at) && !inputs.has(at));
    return isOwn && !this.#views.has(at);
  }

  /** The steps run repeatedly, so a tensor that becomes a view later is already a view in the second run. */
  checkWrites(): void {
    for (const [at, caller] of this.#written) {
      if (!this.mayWrite(at))
        throw new FlatBufferError(`${caller} writes into the tensor ${at}, which is not its own.`);
    }
  }
}

function argumentsOf(content: FlatTable, { values }: Named): readonly number[] {
  const given = content.i32Vector(call.arguments);
  for (const index of given) requireBelow(index, values.length, 'a value');
  return given;
}

function checkKernelCall(content: FlatTable, named: Named, known: Memories): void {
  const index = content.i32(call.index);
  requireBelow(index, named.operators.length, 'an operator');
  const operator = named.operators[index] ?? '';
  const given = argumentsOf(content, named);
  const signature = signatureOf(operator);
  const { parameters, view } = signature ?? {};
  if (parameters !== undefined && given.length !== parameters.length) {
    throw new FlatBufferError(`it calls ${operator} with ${given.length} arguments, not ${parameters.length}.`);
  }
  given.forEach((at, position) => {
    const kind = named.values[at]?.kind ?? 'none';
    const parameter = parameters?.[position];
    if (parameter !== undefined && !fits(parameter, kind)) {
      throw new FlatBufferError(
        `it gives ${operator} ${article(kind)} as argument ${position}, not ${article(parameter)}.`,
      );
    }
    if (position !== view) known.require(at, operator);
  });
  const results = writesOf(operator, given.length)
    .flatMap((position) => known.tensorsOf(given[position] ?? -1))
    .filter((at) => named.values[at]?.kind === 'tensor');
  given.forEach((at, position) => {
    if (position !== view && !isCachePosition(operator, position)) known.read(at, results);
  });
  for (const at of results) known.write(at, operator);
  const shown = view === undefined ? undefined : given[view];
  if (shown !== undefined) known.makeView(shown);
}

function readDelegateCall(content: FlatTable, named: Named, known: Memories): DelegateCall {
  const delegate = content.i32(call.index);
  requireBelow(delegate, named.delegates, 'a delegate');
  const given = argumentsOf(content, named);
  for (const at of given) {
    known.require(at, 'a delegate');
    // Results are among them, but no later step writes into a result again.
    known.read(at);
  }
  return { delegate, arguments: given };
}

/** A KV cache in plain operators: `index_put` reads all slots and replaces those of the new tokens. */
function isCachePosition(operator: string, position: number): boolean {
  return operator === 'aten::index_put.out' && position === 0;
}

const inWords: Readonly<Record<string, string>> = {
  none: 'nothing',
  int: 'a whole number',
  scalar: 'a number',
  ints: 'a list of whole numbers',
  doubles: 'a list of numbers',
  bools: 'a list of flags',
  bool: 'a flag',
  double: 'a number',
  tensors: 'a list of tensors',
  'optional tensors': 'a list of optional tensors',
};

function article(kind: string): string {
  const plain = kind.replace('?', '');
  return inWords[plain] ?? `a ${plain}`;
}
