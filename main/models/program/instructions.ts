/**
 * What a method does, step by step: the chains of upstream's `exir/_serialize/program.fbs`. ExecuTorch 1.5.0 calls whatever
 * function lies where an operator's number leads, also beyond the operators, so numbers are checked here.
 */
import { every, FlatBufferError, type FlatTable } from './flat-buffer.ts';

/** How many of each a method has. */
export interface Counts {
  readonly values: number;
  readonly operators: number;
  readonly delegates: number;
}

const chain = { instructions: 2 } as const;
const instruction = { type: 0, content: 1 } as const;
/** Of the union `InstructionArguments`, counted from 1. */
const types = { kernel: 1, delegate: 2, move: 3, jump: 4, free: 5 } as const;
/** Of kernel and delegate calls. */
const call = { index: 0, arguments: 1 } as const;
const move = { from: 0, to: 1 } as const;
const jump = { condition: 0, destination: 1 } as const;
const free = { value: 0 } as const;

const most = { chains: 256, instructions: 100_000 };

function requireBelow(index: number, end: number, what: string): void {
  if (index < 0 || index >= end)
    throw new FlatBufferError(`a step of it names ${what} ${index} that it does not have.`);
}

/** @throws FlatBufferError */
export function checkInstructions(chains: Parameters<typeof every>[0], counts: Counts): void {
  const value = (index: number): void => {
    requireBelow(index, counts.values, 'a value');
  };
  const callOf = (content: FlatTable, end: number, what: string): void => {
    requireBelow(content.i32(call.index), end, what);
    content.i32Vector(call.arguments).forEach(value);
  };
  for (const one of every(chains, most.chains)) {
    const steps = every(one.tables(chain.instructions), most.instructions);
    for (const step of steps) {
      const content = step.table(instruction.content);
      const type = step.u8(instruction.type);
      if (content === undefined) throw new FlatBufferError('a step of it says nothing.');
      if (type === types.kernel) callOf(content, counts.operators, 'an operator');
      else if (type === types.delegate) callOf(content, counts.delegates, 'a delegate');
      else if (type === types.move) [content.i32(move.from), content.i32(move.to)].forEach(value);
      else if (type === types.free) value(content.i32(free.value));
      else if (type === types.jump) {
        value(content.i32(jump.condition));
        // After the last one is the end.
        requireBelow(content.i32(jump.destination), steps.length + 1, 'a step');
      } else throw new FlatBufferError(`a step of it is of an unknown kind ${type}.`);
    }
  }
}
