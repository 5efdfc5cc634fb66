/** A model's GGUF: one file, or the parts of a split one (`NAME-00001-of-00003.gguf`, by llama.cpp's gguf-split). */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineFailure, failure } from '../engine/errors.ts';
import { AppFailure } from '../failure.ts';
import { openToRead } from '../files/reading.ts';
import { readFailure } from '../models/addition/disk.ts';
import { GgufFault } from './cursor.ts';
import { magicNumber, readHeader, type Header, type TensorInfo } from './header.ts';
import type { Metadata } from './metadata.ts';

export interface Gguf {
  /** The first part's path. */
  readonly path: string;
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/** No model has more parts. */
const mostParts = 1000;
/** The path without the number of a part: the same for all parts of one model. */
export function splitName(path: string): string {
  return path.replace(/-\d{5}(?=-of-\d{5}\.gguf$)/i, '');
}

const partName = /^(.*)-(\d{5})-of-(\d{5})(\.gguf)$/i;

/** Whether a file begins like GGUF. A file that cannot be read does not. */
export async function isGguf(path: string): Promise<boolean> {
  const file = await openToRead(path).catch(() => undefined);
  try {
    const { bytesRead, buffer } = (await file?.read(Buffer.alloc(4), 0, 4, 0)) ?? { bytesRead: 0 };
    return bytesRead === 4 && buffer?.readUInt32LE() === magicNumber;
  } catch {
    return false;
  } finally {
    await file?.close();
  }
}

/**
 * Reads the headers of a GGUF. `path` may be any part of a split one.
 * @throws EngineFailure `model-invalid`, `gguf-incomplete`, `gguf-unsupported`; AppFailure `model-unreadable`
 */
export async function openGguf(path: string): Promise<Gguf> {
  const header = await read(path);
  const count = asFault(path, () => header.metadata.integer('split.count', 0, mostParts)) ?? 1;
  if (count <= 1) return joined(path, [header]);
  const paths = await partsOf(path, count);
  const headers = await Promise.all(paths.map(async (part, index) => await requirePart(part, index, count)));
  return joined(paths[0] ?? path, headers);
}

/** The paths of all parts. @throws EngineFailure `gguf-incomplete` if one is missing */
async function partsOf(path: string, count: number): Promise<readonly string[]> {
  const [, stem = '', , total = '', ending = ''] = partName.exec(basename(path)) ?? [];
  if (Number(total) !== count) {
    throw failure('gguf-incomplete', {
      path,
      reason: `it is one of ${count} parts, but its name does not end like “-00001-of-${fiveDigits(count)}.gguf”.`,
      hint: 'Give all parts the names that they had where you downloaded them, in one folder.',
    });
  }
  const paths = Array.from({ length: count }, (_, index) =>
    join(dirname(path), `${stem}-${fiveDigits(index + 1)}-of-${total}${ending}`),
  );
  const found = await Promise.all(paths.map(async (part) => await stat(part).catch(() => undefined)));
  const missing = paths.filter((_, index) => found[index]?.isFile() !== true).map((part) => `“${basename(part)}”`);
  if (missing.length > 0) {
    throw failure('gguf-incomplete', {
      path,
      reason: `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''} of its ${count} parts ${missing.length === 1 ? 'is' : 'are'} missing.`,
      hint: 'Put all parts into one folder.',
    });
  }
  return paths;
}

async function requirePart(path: string, index: number, count: number): Promise<Header> {
  const header = await read(path);
  asFault(path, () => {
    const { metadata } = header;
    if (metadata.integer('split.count', 0, mostParts) !== count || metadata.integer('split.no', 0, count) !== index) {
      throw new GgufFault(`it is not part ${index + 1} of ${count}, as its name says.`);
    }
  });
  return header;
}

function joined(path: string, headers: readonly Header[]): Gguf {
  return asFault(path, () => {
    const tensors = new Map<string, TensorInfo>();
    for (const tensor of headers.flatMap((header) => header.tensors)) {
      if (tensors.has(tensor.name)) throw new GgufFault(`two of its parts have a tensor “${tensor.name}”.`);
      tensors.set(tensor.name, tensor);
    }
    const [first] = headers;
    if (first === undefined) throw new GgufFault('it has no parts.');
    const expected = first.metadata.integer('split.tensors.count', 0, 2 ** 31 - 1);
    if (expected !== undefined && headers.length > 1 && expected !== tensors.size) {
      throw new GgufFault(`its parts have ${tensors.size} tensors instead of ${expected}.`);
    }
    return { path, metadata: first.metadata, tensors };
  });
}

async function read(path: string): Promise<Header> {
  try {
    // A pipe or a file in the cloud is refused before a read waits for it.
    await (await openToRead(path)).close();
  } catch (error) {
    throw readFailure(error, path);
  }
  return asFault(path, () => readHeader(path));
}

/** Runs `work`; turns a fault of the file into a failure that names it. @throws EngineFailure */
export function asFault<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ggufFailure(path, error);
  }
}

/** The failure of a thrown fault. */
export function ggufFailure(path: string, error: unknown): EngineFailure | AppFailure {
  if (error instanceof EngineFailure || error instanceof AppFailure) return error;
  if (!(error instanceof GgufFault)) {
    const isSystem = error instanceof Error && 'syscall' in error;
    return isSystem
      ? readFailure(error, path)
      : failure('internal', { reason: error instanceof Error ? `${error.message}.` : String(error) });
  }
  const reason = error.message;
  switch (error.kind) {
    case 'damaged':
      return failure('model-invalid', { path, reason });
    case 'cut-short':
      return failure('gguf-incomplete', {
        path,
        reason,
        hint: 'If it is still being downloaded, wait until it is done.',
      });
    case 'unsupported':
      return failure('gguf-unsupported', { path, reason });
  }
}

function fiveDigits(count: number): string {
  return String(count).padStart(5, '0');
}
