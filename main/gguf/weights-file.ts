/** Writes the weights of a program: the blocks of the GGUF, in the processor's order, and float32 tables. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { writeFailure } from '../models/addition/disk.ts';
import type { Constant, Matrix } from './constants.ts';
import { groupRows } from './constants.ts';
import { GgufFault } from './cursor.ts';
import { interleaver, rowOrder } from './interleave.ts';
import { layOutPtd, type PtdEntry, type PtdLayout } from './ptd-file.ts';
import { readVector } from './vectors.ts';

export interface WeightsProgress {
  /** Bytes written so far. */
  readonly onBytes?: (bytes: number) => void;
  /** Throws to cancel. */
  readonly check?: () => void;
}

/** Bytes of groups that are read and written at a time. */
const chunkBytes = 4 * 2 ** 20;

/** The layout of the weights file. */
export function weightsLayout(constants: readonly Constant[]): PtdLayout {
  return layOutPtd(
    constants.map(({ name, sizes, source }): PtdEntry => ({
      name,
      dtype: source.kind === 'matrix' ? 'byte' : 'float',
      sizes,
    })),
  );
}

/**
 * Writes a new file.
 * @returns SHA-256 of the file
 * @throws GgufFault if the GGUF became shorter, an Error of the file system while reading, AppFailure `disk-full` or `copy-failed`
 * while writing, or what `check` throws
 */
export async function writeWeights(
  path: string,
  constants: readonly Constant[],
  layout: PtdLayout,
  { onBytes, check }: WeightsProgress = {},
): Promise<string> {
  const hash = createHash('sha256');
  const sources = new Sources();
  const matrices = new MatrixReader();
  const file = await open(path, 'wx').catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  let written = 0;
  const append = async (bytes: Uint8Array): Promise<void> => {
    check?.();
    hash.update(bytes);
    try {
      for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
    } catch (error) {
      throw writeFailure(error, path);
    }
    written += bytes.length;
    onBytes?.(written);
  };
  try {
    await append(layout.head);
    for (const [index, { source }] of constants.entries()) {
      const start = layout.places[index]?.offset ?? written;
      if (start > written) await append(Buffer.alloc(start - written));
      if (source.kind === 'matrix') await matrices.read(source, await sources.open(source.tensor.place.path), append);
      else await append(littleEndian(source.kind === 'computed' ? source.values : readVector(source.tensor)));
    }
    await file.sync();
  } finally {
    await file.close();
    await sources.close();
  }
  return hash.digest('hex');
}

/** All machines that run Wyvern are little-endian. */
function littleEndian(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Reads and interleaves matrices a chunk at a time, in two buffers that all matrices share. */
class MatrixReader {
  #from = new ArrayBuffer(0);
  #to = new ArrayBuffer(0);

  async read(matrix: Matrix, file: FileHandle, append: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const { tensor, rows, pairedHead = groupRows } = matrix;
    const { rowBytes } = tensor;
    const orderOf = rowOrder(matrix);
    const interleave = interleaver(matrix);
    // A chunk holds whole heads and whole groups, so that it has all the rows of its groups.
    const unit = leastCommonMultiple(groupRows, pairedHead);
    const chunkRows = Math.max(1, Math.floor(chunkBytes / (unit * rowBytes))) * unit;
    this.#reserve(Math.ceil(Math.min(chunkRows, rows) / groupRows) * groupRows * rowBytes);
    for (let first = 0; first < rows; first += chunkRows) {
      const count = Math.min(chunkRows, rows - first);
      const offset = tensor.place.offset + (matrix.firstRow + first) * rowBytes;
      await readAll(file, Buffer.from(this.#from, 0, count * rowBytes), offset, tensor.name);
      const groups = Math.ceil(count / groupRows);
      const to = new Uint8Array(this.#to, 0, groups * groupRows * rowBytes);
      if (count % groupRows !== 0) to.fill(0, (groups - 1) * groupRows * rowBytes);
      for (let group = 0; group < groups; group++) {
        const inGroup = Math.min(groupRows, count - group * groupRows);
        const starts = Array.from({ length: inGroup }, (_, row) => {
          const at = orderOf(first + group * groupRows + row) - matrix.firstRow - first;
          return at * rowBytes;
        });
        interleave(this.#from, starts, this.#to, group * groupRows * rowBytes);
      }
      await append(to);
    }
  }

  /** Rounds up to whole words of four bytes. */
  #reserve(bytes: number): void {
    if (bytes <= this.#from.byteLength) return;
    const whole = Math.ceil(bytes / 4) * 4;
    this.#from = new ArrayBuffer(whole);
    this.#to = new ArrayBuffer(whole);
  }
}

async function readAll(file: FileHandle, into: Buffer, offset: number, name: string): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await file.read(into, at, into.length - at, offset + at);
    if (bytesRead === 0) throw new GgufFault(`it ends inside its weights “${name}”.`, 'cut-short');
    at += bytesRead;
  }
}

function leastCommonMultiple(one: number, other: number): number {
  let [a, b] = [one, other];
  while (b !== 0) [a, b] = [b, a % b];
  return (one / a) * other;
}

/** The parts of a GGUF, opened once. */
class Sources {
  readonly #open = new Map<string, FileHandle>();

  async open(path: string): Promise<FileHandle> {
    const known = this.#open.get(path) ?? (await open(path));
    this.#open.set(path, known);
    return known;
  }

  async close(): Promise<void> {
    for (const file of this.#open.values()) await file.close();
  }
}
