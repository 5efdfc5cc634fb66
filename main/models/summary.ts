/** The facts that the library shows for a program that is not loaded. */
import { fitOf, type Fit } from './program/fit.ts';
import { machineOf, thisHardware } from './program/machine.ts';
import { backendsOf, type ProgramFacts, type TensorShape } from './program/program.ts';
import { contextLengthOf } from './program/state.ts';
import { qnnTarget } from './program/target.ts';

export interface ProgramSummary {
  /** Backends that its methods delegate to. */
  readonly backends: readonly string[];
  /** The chip it was compiled for; absent for programs of the CPU. */
  readonly target?: string;
  readonly fit: Fit;
  /** As stated by the exporter. */
  readonly contextLength?: number;
  /** Memory of one method without the program and its weights: KV cache, activations, arguments. */
  readonly stateBytes: number;
}

export function summaryOf(facts: ProgramFacts): ProgramSummary {
  const target = qnnTarget(facts);
  const contextLength = contextLengthOf(facts);
  return {
    backends: backendsOf(facts),
    fit: fitOf(target, machineOf(thisHardware())),
    stateBytes: Math.max(0, ...facts.methods.map(stateBytesOf)),
    ...(target === undefined ? {} : { target: target.label }),
    ...(contextLength === undefined ? {} : { contextLength }),
  };
}

/** Planned memory is in the program's arena. The host allocates the other arguments. */
function stateBytesOf({ plannedBytes, inputs, outputs }: ProgramFacts['methods'][number]): number {
  return [...inputs, ...outputs].reduce(
    (sum, argument) => sum + (argument?.planned === false ? bytesOf(argument) : 0),
    plannedBytes,
  );
}

const bytesOfType: Readonly<Record<string, number>> = {
  ...{ uint8: 1, int8: 1, bool: 1, int16: 2, uint16: 2, bits16: 2, float16: 2, bfloat16: 2 },
  ...{ int32: 4, uint32: 4, float32: 4, int64: 8, uint64: 8, float64: 8 },
};

function bytesOf({ dtype, sizes }: TensorShape): number {
  return sizes.reduce((product, size) => product * Math.max(0, size), bytesOfType[dtype] ?? 1);
}
