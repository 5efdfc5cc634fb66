/** Wyvern's loop over context binaries against Qualcomm's own runtime, libGenie of the same release, on the same files. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { at, pythonOf } from '../../scripts/lib/places.mjs';
import { addon, generate } from './addon.ts';
import { answersOf, contextFile, contextLoad, qnnFolder, type Answer } from './contexts.ts';
import { describeOnEmulator } from './emulator.ts';

interface Found {
  readonly version: string;
  readonly answers: readonly (readonly number[])[];
}

function askLibrary(bundle: string, questions: readonly Answer[]): Found {
  const script = fileURLToPath(new URL('genie_library.py', import.meta.url));
  const { stdout, stderr, status } = spawnSync(
    pythonOf(at('.venv')),
    [script, realpathSync(qnnFolder), dirname(contextFile(bundle, 'genie_config.json'))],
    {
      input: JSON.stringify(questions.map(({ promptTokens, tokens }) => ({ promptTokens, count: tokens.length }))),
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`libGenie failed: ${stdout}${stderr}`);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Found;
}

async function askWyvern(bundle: string, questions: readonly Answer[]): Promise<readonly (readonly number[])[]> {
  const model = await addon.Model.load(contextLoad(bundle));
  const answers = [];
  for (const { promptTokens, tokens } of questions) {
    model.seek(0);
    await model.prefill(Int32Array.from(promptTokens));
    answers.push((await generate(model, tokens.length)).map(({ token }) => token));
  }
  await model.close();
  return answers;
}

function questionsOf(bundle: string, fits: (answer: Answer) => boolean, count: number): readonly Answer[] {
  const fitting = answersOf(bundle).filter(fits);
  return fitting.toSorted((one, other) => one.tokens.length - other.tokens.length).slice(0, count);
}

const lengthOf = ({ promptTokens, tokens }: Answer): number => promptTokens.length + tokens.length;
const hasLibrary = existsSync(join(qnnFolder, 'libGenie.so'));
const describeWithLibrary = hasLibrary
  ? describeOnEmulator
  : (name: string, tests: () => void) => {
      describe.skip(`${name} (skipped: this release of QNN has no libGenie.so)`, tests);
    };

describeWithLibrary('the tokens of libGenie', () => {
  beforeAll(() => {
    addon.useQnn({ folder: qnnFolder, onlyContexts: true });
  });

  test.each([
    ['in one context length', 'tiny-llama-genie', (answer: Answer) => lengthOf(answer) < 100, 4],
    // libGenie 1.20 ends its process at the question after one that needs a longer context, so this is one question.
    ['over three context lengths', 'tiny-llama-genie', (answer: Answer) => answer.promptTokens.length > 256, 1],
    ['in float16', 'tiny-llama-genie-fp16', (answer: Answer) => lengthOf(answer) < 100, 1],
  ])('%s are ours', async (_what, bundle, fits, count) => {
    const questions = questionsOf(bundle, fits, count);
    expect(questions).toHaveLength(count);
    const { version, answers } = askLibrary(bundle, questions);
    expect(version).toMatch(/^1\.\d+\.\d+$/);
    expect(answers.every((answer) => answer.length > 0)).toBe(true);
    expect(await askWyvern(bundle, questions)).toEqual(answers);
  });
});
