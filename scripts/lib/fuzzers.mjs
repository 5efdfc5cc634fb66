/** The libFuzzer targets of `native/fuzz`: their builds and their first inputs. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.mjs';
import { contentHash, filesUnder } from './content-hash.mjs';
import { at, root } from './places.mjs';
import { run } from './run.mjs';
import { sanitizedSentencePiece } from '../setup/sanitizers.mjs';

/**
 * @typedef {object} FuzzTarget
 * @property {string} name
 * @property {readonly string[]} sources The addon's sources, below `native/`; the target's own is `fuzz/<name>_fuzz.cpp`.
 * @property {boolean} [sentencePiece] Whether to link SentencePiece.
 * @property {number} longest Bytes of an input.
 * @property {() => readonly Uint8Array[]} seeds First inputs.
 */

/** @param {...(number | bigint | Uint8Array | string)} parts Numbers stand for bytes. */
const joined = (...parts) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(/** @type {string} */ (part)))),
  );
/** @param {number} value */
const u16 = (value) => Buffer.from([value & 0xff, value >> 8]);

/** The input's format: length of the text, the text, the model. */
function sentencePieceSeeds() {
  const folder = at('native', 'test', 'fixtures');
  const texts = ['', 'aaaa aaaa!', '  日本語 🙂 ﬁ\n\t ', '<s>\u2581x<0x0A>\u0000'];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.model'))
    .flatMap((name) =>
      texts.map((text) => joined(u16(Buffer.byteLength(text)), text, readFileSync(join(folder, name)))),
    );
}

/** Average settings, some recent tokens, logits of every kind. */
function samplerSeeds() {
  const middle = joined(0, u16(20_000));
  const logits = [
    [1, 2, 3, 2],
    [NaN, Infinity, -Infinity, 0.5],
    [NaN, Infinity],
    Array.from({ length: 200 }, (_, i) => Math.sin(i) * 20),
  ];
  return logits.flatMap((values) =>
    [0, 1, 40].map((topK) =>
      joined(
        ...[middle, topK, middle, middle, middle, 64, Buffer.from('seed')],
        ...[0, new Uint8Array(Float32Array.from(values).buffer)],
      ),
    ),
  );
}

/** A shape and steps of prefill and decode. */
function layoutSeeds() {
  return [1, 2, 4].map((shape) =>
    joined(
      ...[shape, shape, shape % 3, 30].map(u16),
      ...[7, 0, 0, 7, 0, 7, 5, 1, 0, 14, 3, 1].map(u16),
      Buffer.alloc(64, shape),
    ),
  );
}

/** @type {readonly FuzzTarget[]} */
export const fuzzTargets = [
  {
    name: 'sentencepiece',
    sources: ['tokenizer/model_check.cpp', 'tokenizer/sentencepiece.cpp'],
    sentencePiece: true,
    longest: 20_000,
    seeds: sentencePieceSeeds,
  },
  { name: 'sampler', sources: ['sampler.cpp', 'sampler_scan.cpp'], longest: 4096, seeds: samplerSeeds },
  { name: 'kv_layout', sources: ['model/kv_layout.cpp'], longest: 4096, seeds: layoutSeeds },
];

const flags = [
  ...['-std=c++20', '-O1', '-g', '-fno-omit-frame-pointer', '-Wall', '-Wextra', '-Wno-unused-parameter'],
  ...['-fsanitize=fuzzer,address,undefined,float-cast-overflow', '-fno-sanitize-recover=all'],
  '-D_GLIBCXX_ASSERTIONS',
];

/** Poisons a vector's spare capacity. All code that shares a vector needs this flag. */
const withVectorChecks = ['-D_GLIBCXX_SANITIZE_VECTOR'];

/** @param {string} packageFolder Folder of SentencePiece's CMake package. */
function linkTo(packageFolder) {
  const prefix = join(packageFolder, '..', '..', '..');
  return [
    ...['-isystem', join(prefix, 'include'), '-DWYVERN_SENTENCEPIECE_VERSION="fuzzed"'],
    join(prefix, 'lib', 'libsentencepiece.a'),
  ];
}

/**
 * Compiles a target, unless its program exists.
 * @param {FuzzTarget} target @param {Pick<import('../setup/sanitizers.mjs').Clang, 'command' | 'version'>} clang
 * @returns {Promise<string>} The program.
 */
export async function buildFuzzer({ name, sources, sentencePiece = false }, { command, version }) {
  const library = sentencePiece
    ? await sanitizedSentencePiece({ command, version }, { run, note: () => undefined })
    : undefined;
  const linked = library === undefined ? withVectorChecks : linkTo(library);
  const files = [`fuzz/${name}_fuzz.cpp`, ...sources].map((path) => at('native', path));
  const headers = filesUnder([at('native')], (path) => path.endsWith('.h'));
  const folder = await cached({
    kind: 'fuzzer',
    key: contentHash({ base: root, files: [...files, ...headers], facts: [version, ...flags, ...linked] }),
    digests: true,
    make: async (folder) =>
      void (await run(command, [...flags, ...files, ...linked, '-o', join(folder, name)], {
        what: `Building the fuzzer ${name}`,
      })),
  });
  return join(folder, name);
}

/** Folder of the inputs that a fuzzer keeps between runs. @param {FuzzTarget} target */
export function corpusFolder({ name }) {
  return at('build', 'fuzz', name, 'corpus');
}

/**
 * Writes a target's first inputs: new seeds, and the inputs of past failures.
 * @param {FuzzTarget} target
 */
export function knownInputs({ name, seeds }) {
  const made = at('build', 'fuzz', name, 'seeds');
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  const all = seeds();
  for (const [index, bytes] of all.entries()) writeFileSync(join(made, String(index)), bytes);
  const regressions = at('native', 'fuzz', 'regressions', name);
  const kept = existsSync(regressions) ? readdirSync(regressions).length : 0;
  return { count: all.length + kept, folders: [made, ...(kept > 0 ? [regressions] : [])] };
}
