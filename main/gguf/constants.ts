/** The data of a program, by name: weights of the GGUF, and tables that are computed. */
import { GgufFault } from './cursor.ts';
import type { Gguf } from './gguf-file.ts';
import type { TensorInfo } from './header.ts';
import type { Method } from './program-file.ts';

/** Output rows that `wyvern::linear` reads interleaved (`native/kernels/linear/blocks.h`). */
export const groupRows = 16;

/** Rows of a weight matrix in the file's blocks. */
export interface Matrix {
  readonly kind: 'matrix';
  readonly tensor: TensorInfo;
  readonly firstRow: number;
  readonly rows: number;
  /** For rotated rows: the size of a head whose pairs are neighbours in the file and become half a head apart. */
  readonly pairedHead?: number;
}

/** A tensor of one dimension, as float32. */
interface Vector {
  readonly kind: 'vector';
  readonly tensor: TensorInfo;
}

interface Computed {
  readonly kind: 'computed';
  readonly values: Float32Array;
}

export interface Constant {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly source: Matrix | Vector | Computed;
}

export interface MatrixOptions {
  readonly pairedHead?: number | undefined;
  /** Where the rows are in a larger matrix of the file. */
  readonly part?: { readonly of: string; readonly firstRow: number; readonly allRows: number } | undefined;
}

/** A weight in a method: its tensor, and its block type. */
export type Weight = readonly [tensor: number, type: number];

/** Adds constants to a method and remembers which tensors of the file the method reads. */
export class Constants {
  readonly #gguf: Gguf;
  readonly #method: Method;
  readonly #used = new Set<string>();
  readonly all: Constant[] = [];

  constructor(gguf: Gguf, method: Method) {
    this.#gguf = gguf;
    this.#method = method;
  }

  has(tensor: string): boolean {
    return this.#gguf.tensors.has(`${tensor}.weight`);
  }

  /** A matrix, or some rows of one. @throws GgufFault if the file has none of this shape */
  matrix(name: string, rows: number, width: number, { pairedHead, part }: MatrixOptions = {}): Weight {
    const tensor = this.#tensor(`${part?.of ?? name}.weight`, [width, part?.allRows ?? rows]);
    const { inputs, bytes, number } = tensor.type;
    const sizes = [Math.ceil(rows / groupRows), width / inputs, groupRows * bytes];
    const paired = pairedHead === undefined ? {} : { pairedHead };
    const source: Matrix = { kind: 'matrix', tensor, firstRow: part?.firstRow ?? 0, rows, ...paired };
    this.all.push({ name: `${name}.weight`, sizes, source });
    return [this.#method.constant(`${name}.weight`, 'byte', sizes), this.#method.value(BigInt(number))];
  }

  /** A tensor of one dimension, by its full name. */
  vector(name: string, width: number): number {
    const tensor = this.#tensor(name, [width]);
    if (!floats.has(tensor.type.name)) throw unsupportedVector(tensor);
    this.all.push({ name, sizes: [width], source: { kind: 'vector', tensor } });
    return this.#method.constant(name, 'float', [width]);
  }

  /** A tensor of one dimension if the file has it. */
  optionalVector(name: string, width: number): number | undefined {
    return this.#gguf.tensors.has(name) ? this.vector(name, width) : undefined;
  }

  computed(name: string, values: Float32Array, sizes: readonly number[]): number {
    this.all.push({ name, sizes, source: { kind: 'computed', values } });
    return this.#method.constant(name, 'float', sizes);
  }

  /** @throws GgufFault if the file has weights that nothing reads: then it is another kind of model */
  requireAllUsed(except: readonly string[]): void {
    for (const name of this.#gguf.tensors.keys()) {
      if (this.#used.has(name) || except.includes(name)) continue;
      throw new GgufFault(`it has weights “${name}”, which Wyvern does not know.`, 'unsupported');
    }
  }

  #tensor(name: string, dimensions: readonly number[]): TensorInfo {
    const tensor = this.#gguf.tensors.get(name);
    if (tensor === undefined) throw new GgufFault(`it has no weights “${name}”.`);
    const found = tensor.dimensions.toSpliced(dimensions.length).join(' × ');
    if (tensor.dimensions.slice(dimensions.length).some((size) => size !== 1) || found !== dimensions.join(' × ')) {
      throw new GgufFault(`its weights “${name}” are ${tensor.dimensions.join(' × ')}, not ${dimensions.join(' × ')}.`);
    }
    this.#used.add(name);
    return tensor;
  }
}

const floats: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);

function unsupportedVector({ name, type }: TensorInfo): GgufFault {
  return new GgufFault(`its weights “${name}” are ${type.name}, not F32, F16 or BF16.`, 'unsupported');
}
