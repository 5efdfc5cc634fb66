/**
 * Makes a model bundle from a GGUF: a program for the file's own shape, its weight blocks in the processor's order, its
 * tokenizer, and `wyvern.json`, which comes last.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { requireSpace, writeFailure } from '../models/addition/disk.ts';
import { readShape, type Shape } from './architecture.ts';
import { decoderProgram, type Limits } from './decoder.ts';
import { asFault, ggufFailure, openGguf, type Gguf } from './gguf-file.ts';
import { fingerprint, fingerprintKey } from './prepared.ts';
import { tokenizerConfig, tokenizerFile } from './tokenizer.ts';
import { readVocabulary } from './vocabulary.ts';
import { weightsLayout, writeWeights } from './weights-file.ts';

export interface BundleOptions {
  /** Tokens of context; by default up to 8192. */
  readonly context?: number;
  /** Facts that replace those of the file. */
  readonly name?: string;
  readonly license?: string;
  readonly source?: string;
  /** Fingerprints of the GGUF files that need no bundle, because there is one. */
  readonly known?: ReadonlySet<string>;
}

export interface BundleProgress {
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
  /** Throws to cancel. The caller removes the folder. */
  readonly check?: () => void;
}

/**
 * Writes the bundle into a folder, which is made if it does not exist.
 * @returns the fingerprint of a known GGUF, for which nothing was written; undefined for others
 * @throws EngineFailure for a file that Wyvern cannot run; AppFailure `disk-full`, `copy-failed`; what `check` throws
 */
export async function writeBundle(
  path: string,
  folder: string,
  options: BundleOptions,
  { onProgress, check }: BundleProgress = {},
): Promise<string | undefined> {
  const gguf = await openGguf(path);
  const print = asFault(path, () => fingerprint(gguf));
  if (options.known?.has(print) === true) return print;
  const { content, config, tokenizer, constants, shape } = asFault(path, () => plan(gguf, options));
  const layout = weightsLayout(constants);
  await makeFolder(folder);
  await requireSpace(folder, layout.bytes);
  const hashes: Record<string, string> = {};
  try {
    const weights = join(folder, 'model.ptd');
    const onBytes = (bytes: number): void => onProgress?.(bytes, layout.bytes);
    hashes['model.ptd'] = await writeWeights(weights, constants, layout, { onBytes, ...(check ? { check } : {}) });
  } catch (error) {
    check?.();
    throw ggufFailure(path, error);
  }
  const write = async (name: string, bytes: Uint8Array | string): Promise<void> => {
    check?.();
    hashes[name] = createHash('sha256').update(bytes).digest('hex');
    await writeNew(join(folder, name), bytes);
  };
  await write('model.pte', content);
  await write(tokenizer.name, tokenizer.content);
  await write('tokenizer_config.json', json(config));
  await write('wyvern.json', json(manifest(gguf, shape, { options, tokenizer: tokenizer.name, hashes, print })));
  return undefined;
}

function plan(gguf: Gguf, options: BundleOptions) {
  const shape = readShape(gguf);
  const vocabulary = readVocabulary(gguf.metadata, shape.vocabulary);
  const tokenizer = tokenizerFile(gguf.metadata, vocabulary);
  const config = tokenizerConfig(gguf.metadata, vocabulary, tokenizer);
  const { program: content, constants } = decoderProgram(gguf, shape, limitsOf(shape, options.context));
  return { shape, tokenizer, config, content, constants };
}

/** Tokens of one call. Longer prompts take several calls. */
const longest = 256;
const usualContext = 8192;
const leastContext = 2048;
/** Bytes of keys and values that a context takes unless the person asks for more. */
const usualCache = 2 ** 30;

function limitsOf(shape: Shape, asked: number | undefined): Limits {
  const { layers, kvHeads, headSize, trainedContext } = shape;
  const tokenBytes = layers * kvHeads * headSize * 2 * Float32Array.BYTES_PER_ELEMENT;
  let context = Math.min(asked ?? usualContext, trainedContext);
  while (asked === undefined && context > leastContext && context * tokenBytes > usualCache) context /= 2;
  context = Math.ceil(context);
  return { context, longest: Math.min(longest, context) };
}

interface ManifestFacts {
  readonly options: BundleOptions;
  readonly tokenizer: string;
  readonly hashes: Readonly<Record<string, string>>;
  /** The fingerprint of the GGUF. */
  readonly print: string;
}

/** As `main/engine/manifest.ts` reads it. */
function manifest(gguf: Gguf, shape: Shape, { options, tokenizer, hashes, print }: ManifestFacts): object {
  const { metadata, tensors } = gguf;
  const license = options.license ?? shortText(metadata.text('general.license'));
  const source = options.source ?? shortText(metadata.text('general.source.url') ?? metadata.text('general.url'));
  const parameters = [...tensors.values()].reduce((sum, { width, rows }) => sum + width * rows, 0);
  const ends = readVocabulary(metadata, shape.vocabulary).ends;
  return {
    name: options.name ?? ggufName(gguf),
    ...(license === undefined ? {} : { license }),
    parameters,
    ...(source === undefined ? {} : { source }),
    program: 'model.pte',
    data: ['model.ptd'],
    tokenizer,
    ...(ends.length === 0 ? {} : { stopTokens: ends }),
    target: { backend: 'portable' },
    [fingerprintKey]: print,
    sha256: hashes,
  };
}

/** The model's name with the type of most of its weights, since a model is published in several types. */
function ggufName({ path, metadata, tensors }: Gguf): string {
  const own = shortText(metadata.text('general.name')) ?? basename(path).replace(/\.gguf$/i, '');
  const bytes = new Map<string, number>();
  for (const { type, rows, rowBytes } of tensors.values()) {
    bytes.set(type.name, (bytes.get(type.name) ?? 0) + rows * rowBytes);
  }
  const [most] = [...bytes].toSorted(([, one], [, other]) => other - one);
  return most === undefined || own.includes(most[0]) ? own : `${own} (${most[0]})`;
}

/** A text of one line that fits into a list; undefined if nothing is left. */
function shortText(text: string | undefined): string | undefined {
  const short = text
    ?.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, 200);
  return short === '' ? undefined : short;
}

function json(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(error, folder);
  }
}

async function writeNew(path: string, content: Uint8Array | string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', flush: true });
  } catch (error) {
    throw writeFailure(error, path);
  }
}
