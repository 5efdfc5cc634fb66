/** The default model gives the same text on every processor and for every cut of its prompt. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { addonPath } from './addon-path.ts';
import { kernels } from './kernels/kernel-test-addon.ts';

const folder = fileURLToPath(new URL('../../resources/models/smollm2-135m-instruct/', import.meta.url));
/** A chat that asks "What is the capital of France?". */
const prompt = [
  ...[1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28, 7018, 411, 407, 19712, 8182, 2, 198],
  ...[1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520, 9531, 198],
];
/** "The capital of France is Paris." and the end token. */
const answer = [504, 3575, 282, 4649, 314, 7042, 30, 2];

/** Runs in its own process: a process chooses its instruction set once. Prints the tokens and a hash of the logits. */
const script = `
  const { createRequire } = require('node:module');
  const { createHash } = require('node:crypto');
  const [addon, folder, prompt, count, cuts] = process.argv.slice(1, 6).map((text, i) => (i < 2 ? text : JSON.parse(text)));
  const { Model, Sampler } = require(addon);
  const data = { programPath: folder + 'model.pte', dataPaths: [folder + 'model.ptd'] };
  Model.load({ ...data, warmUp: false }).then(async (model) => {
    const hashes = [];
    for (const places of cuts) {
      model.seek(0);
      for (const [i, from] of [0, ...places].entries()) {
        await model.prefill(Int32Array.from(prompt.slice(from, places[i])));
      }
      hashes.push(createHash('sha256').update(model.logits()).digest('hex'));
    }
    const sampler = new Sampler();
    const tokens = [];
    while (tokens.length < count) tokens.push((await model.next(sampler)).token);
    console.log(JSON.stringify({ hashes, tokens }));
    await model.close();
  });`;

interface Run {
  readonly hashes: readonly string[];
  readonly tokens: readonly number[];
}

async function run(instructionSet: string, cuts: readonly (readonly number[])[]): Promise<Run> {
  const args = [
    '-e',
    script,
    addonPath,
    folder,
    ...[prompt, answer.length, cuts].map((value) => JSON.stringify(value)),
  ];
  const env = { ...process.env, WYVERN_INSTRUCTION_SET: instructionSet };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as Run;
}

/** Other tests compare portable code kernel by kernel; it is too slow for a whole model. */
const all = kernels.instructionSets().filter((name) => name !== 'portable');
const oneByOne = prompt.slice(1).map((_, i) => i + 1);
/** All cases take an emulated processor minutes, so `npm test` tries only its best instruction set and two cuts there. */
const short = process.env['WYVERN_SHORT_TESTS'] === '1';
const sets = short ? all.slice(0, 1) : all;
const cuts = short ? [[], [prompt.length - 1]] : [[], [prompt.length - 1], [5, 21], oneByOne];

describe.each(sets)('with %s', (set) => {
  test('the default model answers Paris, with the same logits as on every processor and for every cut', async () => {
    const { hashes, tokens } = await run(set, cuts);
    expect(tokens).toEqual(answer);
    expect(new Set(hashes).size).toBe(1);
    // Computed with AVX-512. Any change of an operator's arithmetic changes it.
    expect(hashes[0]).toBe('edd72680bb3464968386228cf495e02a0b1c6c97579915f8fe3181eadbd5fb1f');
  });
});
