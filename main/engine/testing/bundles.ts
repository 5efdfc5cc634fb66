/** Bundles for tests: the trained fixture, and one for the scripted addon. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BundlePaths, ChatMessage, SamplingSettings, StopReason } from '../protocol.ts';

const root = join(import.meta.dirname, '../../..');
export const fixtureFolder = join(root, 'e2e/fixtures/tiny-llama');
export const defaultFolder = join(root, 'resources/models/smollm2-135m-instruct');

export const fixtureBundle: BundlePaths = {
  program: join(fixtureFolder, 'model.pte'),
  data: [],
  tokenizer: join(fixtureFolder, 'tokenizer.model'),
  manifest: join(fixtureFolder, 'wyvern.json'),
};

export const thinkerFolder = join(root, 'e2e/fixtures/tiny-thinker');

/** The fixture that thinks before it answers. */
export const thinkerBundle: BundlePaths = {
  program: join(thinkerFolder, 'model.pte'),
  data: [],
  tokenizer: join(thinkerFolder, 'tokenizer.json'),
  tokenizerConfig: join(thinkerFolder, 'tokenizer_config.json'),
  chatTemplate: join(thinkerFolder, 'chat_template.jinja'),
  manifest: join(thinkerFolder, 'wyvern.json'),
};

export const defaultBundle: BundlePaths = {
  program: join(defaultFolder, 'model.pte'),
  data: [join(defaultFolder, 'model.ptd')],
  tokenizer: join(defaultFolder, 'tokenizer.json'),
  tokenizerConfig: join(defaultFolder, 'tokenizer_config.json'),
  manifest: join(defaultFolder, 'wyvern.json'),
};

/** The answer that the fixture was trained to give. */
export interface Expected {
  readonly prompt: string;
  readonly messages?: readonly ChatMessage[];
  readonly continuation: string;
  readonly reason: StopReason;
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
}

export const expected = JSON.parse(readFileSync(join(fixtureFolder, 'expected.json'), 'utf8')) as readonly Expected[];

export const greedy: SamplingSettings = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

/** The smallest program. It has no method. */
export function programHead(size = 128): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 48, true);
  bytes.set(Buffer.from('ET12eh00'), 4);
  view.setUint32(12, 32, true);
  view.setBigUint64(16, BigInt(size), true);
  if (size < 68) return bytes;
  // Its table has one field, `execution_plan`: an empty list at byte 64.
  view.setInt32(48, -8, true);
  view.setUint32(52, 12, true);
  [8, 8, 0, 4].forEach((word, index) => view.setUint16(56 + 2 * index, word, true));
  return bytes;
}

/** The smallest weights file. It has no weights. */
export function dataHead(size = 128): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 56, true);
  bytes.set(Buffer.from('FT01FH01'), 4);
  view.setUint32(12, 40, true);
  for (const [at, value] of [
    [16, 48n],
    [24, 40n],
    [32, 88n],
    [40, BigInt(size) - 88n],
  ] as const) {
    view.setBigUint64(at, value, true);
  }
  // Its table has `segments` and `named_data`. Both are the same empty list at byte 80.
  view.setInt32(56, -12, true);
  view.setUint32(60, 20, true);
  view.setUint32(64, 16, true);
  [10, 12, 0, 4, 8].forEach((word, index) => view.setUint16(68 + 2 * index, word, true));
  return bytes;
}

/** A protocol buffer with one piece, `a`. Wyvern recognises it as SentencePiece. */
export const onePieceModel = Uint8Array.of(0x0a, 3, 0x0a, 1, 0x61);

/** Makes a new folder with a bundle for the scripted addon. */
export function scriptedFolder(manifest: object = { name: 'Scripted', completion: true }): string {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-scripted-'));
  writeFileSync(join(folder, 'model.pte'), programHead());
  writeFileSync(join(folder, 'tokenizer.model'), onePieceModel);
  writeFileSync(join(folder, 'wyvern.json'), JSON.stringify(manifest));
  return folder;
}

export function scriptedBundle(): BundlePaths {
  const folder = scriptedFolder();
  return {
    program: join(folder, 'model.pte'),
    data: [],
    tokenizer: join(folder, 'tokenizer.model'),
    manifest: join(folder, 'wyvern.json'),
  };
}
