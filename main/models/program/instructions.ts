/**
 * Checks the steps of a method: the chains of upstream's `schema/program.fbs`. The runtime follows their numbers without
 * checks, and its kernels assume that each argument has the type in their schema.
 */
import { every, FlatBufferError, type FlatTable, type FlatTables } from './flat-buffer.ts';
import { fits, signatureOf, writesOf } from './operators.ts';
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
}

const chain = { inputs: 0, outputs: 1, instructions: 2 } as const;
const instruction = { type: 0, content: 1 } as const;
/** Types of the union `InstructionArguments`, counted from 1. */
const types = { kernel: 1, delegate: 2 } as const;
const typeNames = ['KernelCall', 'DelegateCall', 'MoveCall', 'JumpFalseCall', 'FreeCall'];
/** Fields of kernel and delegate calls. */
const call = { index: 0, arguments: 1 } as const;

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
  return { calls, mayWrite: (value) => known.mayWrite(value) };
}

/** Knows which tensors have memory at a step and which are writable. */
class Memories {
  readonly #named: Named;
  readonly #present: Set<number>;
  /** A view is only as large as the tensor behind it, even if its own shape may grow. */
  readonly #views = new Set<number>();
  readonly #written = new Map<number, string>();

  constructor(named: Named) {
    this.#named = named;
    this.#present = new Set([...named.inputs, ...named.outputs]);
  }

  /** Requires a tensor, or each in a list, to have memory. */
  require(at: number, caller: string): void {
    const { kind, content } = this.#named.values[at] ?? {};
    const isList = kind === 'tensors' || kind === 'optional tensors';
    const tensors = isList ? (content?.i32Vector(0) ?? []).filter((item) => item >= 0) : [at];
    for (const index of tensors) {
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
  for (const position of writesOf(operator, given.length)) {
    const at = given[position];
    if (at !== undefined && named.values[at]?.kind === 'tensor') known.write(at, operator);
  }
  const shown = view === undefined ? undefined : given[view];
  if (shown !== undefined) known.makeView(shown);
}

function readDelegateCall(content: FlatTable, named: Named, known: Memories): DelegateCall {
  const delegate = content.i32(call.index);
  requireBelow(delegate, named.delegates, 'a delegate');
  const given = argumentsOf(content, named);
  for (const at of given) known.require(at, 'a delegate');
  return { delegate, arguments: given };
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
