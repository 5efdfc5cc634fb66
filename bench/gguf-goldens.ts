/**
 * Writes llama.cpp's answers for the tests: `node bench/gguf-goldens.ts`. With `--check` it compares them with the
 * committed file instead. Needs network for the first run, which installs node-llama-cpp.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceModels, referencePrompts, referenceTokens } from '../main/gguf/testing/cases.ts';
import { openLlamaCpp } from './peers/llama-cpp-answers.ts';
import { digests, goldensFile, type Goldens } from '../main/gguf/testing/goldens.ts';
import { tinyModel } from '../main/gguf/testing/tiny-models.ts';
import {
  bytePairVocabulary,
  corpus,
  scoredVocabulary,
  type TestVocabulary,
} from '../main/gguf/testing/vocabularies.ts';
import { writeGguf } from '../main/gguf/testing/write-gguf.ts';
import { preTokenizer, preTokenizers } from '../main/gguf/pre-tokenizers.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-goldens-'));
const gguf = join(folder, 'model.gguf');
const llama = await openLlamaCpp();
const greedy: Record<string, readonly (readonly number[])[]> = {};
const tokenizers: Record<string, readonly string[]> = {};
try {
  for (const [name, model] of Object.entries(referenceModels)) {
    writeGguf(gguf, tinyModel(model));
    greedy[name] = await llama.greedy(gguf, referencePrompts, referenceTokens);
  }
  for (const name of preTokenizers) {
    const found = await idsOf(bytePairVocabulary(name));
    const same = preTokenizers.find((other) => other in tokenizers && preTokenizer(other) === preTokenizer(name));
    if (same === undefined) tokenizers[name] = found;
    else if (found.join() !== tokenizers[same]?.join()) throw new Error(`llama.cpp splits ${name} unlike ${same}.`);
  }
  tokenizers['llama'] = await idsOf(scoredVocabulary(true));
  tokenizers['llama without a space'] = await idsOf(scoredVocabulary(false));
} finally {
  await llama.close();
  rmSync(folder, { recursive: true, force: true });
}
const goldens = `${JSON.stringify({ greedy, tokenizers } satisfies Goldens)}\n`;
if (!process.argv.includes('--check')) writeFileSync(goldensFile, goldens);
else if (readFileSync(goldensFile, 'utf8') !== goldens) {
  process.stderr.write(`${goldensFile} differs from llama.cpp’s answers.\n`);
  process.exitCode = 1;
}

async function idsOf({ metadata, size }: TestVocabulary): Promise<readonly string[]> {
  writeGguf(gguf, tinyModel({ architecture: 'llama', layers: 1, width: 32, hidden: 32, vocabulary: size, metadata }));
  return digests(await llama.tokenize(gguf, corpus));
}
