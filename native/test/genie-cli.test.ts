/** A model of Qualcomm's AI Hub on the command line, and an NPU that fails while it runs one. Emulator. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { standIn } from '../../main/engine/testing/qnn-stand-in.ts';
import { contextFile } from './contexts.ts';
import { describeOnEmulator } from './emulator.ts';

const root = join(import.meta.dirname, '../..');
const bundle = join(contextFile('tiny-llama-genie', '.'));
const places: string[] = [];
afterAll(() => {
  for (const place of places) rmSync(place, { recursive: true });
});

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  return await new Promise((resolve) => {
    const options = { cwd: root, env: { ...process.env, ...environment } };
    execFile(process.execPath, ['main/cli/index.ts', ...args], options, (_error, stdout) => resolve(stdout));
  });
}

interface Line {
  readonly type: string;
  readonly code?: string;
  readonly text?: string;
}

async function generate(fault?: string, model = bundle): Promise<Line> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-genie-'));
  places.push(folder);
  const args = ['generate', '--model', model, '--prompt', 'Say yes.', '--json'];
  const output = await run(args, fault === undefined ? {} : standIn(folder, fault));
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Line;
}

describeOnEmulator('the command line with a folder of AI Hub', () => {
  test('inspects it and answers', async () => {
    const inspected = await run(['inspect', bundle]);
    expect(inspected).toMatch(
      /made by +Qualcomm’s AI Hub, for Genie\nbinaries +4 parts[\s\S]*qnn-context[\s\S]*511 tokens, 32 a prefill call/,
    );
    expect(inspected).toMatch(
      /made with +QNN 2\.49\.40; Wyvern uses QNN 2\.\d+\.\d+\nmemory +about 4\.60 MB: binaries 4\.44 MB, KV cache 164 kB/,
    );
    expect(await generate()).toMatchObject({ type: 'done', text: 'Yes.', backend: 'QnnBackend' });
  });

  test('measures it', async () => {
    const args = ['bench', '--model', bundle, '--prompt-tokens', '40', '--tokens', '4', '--runs', '1', '--json'];
    const measured = JSON.parse((await run(args)).trimEnd().split('\n').at(-1) ?? '') as object;
    expect(JSON.stringify(measured)).toMatch(/acceleratorShare/);
  });

  test('refuses one with shared weights before it loads anything', async () => {
    expect(await generate(undefined, contextFile('tiny-llama-genie-device', '.'))).toMatchObject({
      type: 'error',
      code: 'model-for-other-chip',
    });
  });
});

describeOnEmulator('the performance mode of a folder of AI Hub', () => {
  const votes = async (args: readonly string[]): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'wyvern-genie-'));
    places.push(folder);
    const file = join(folder, 'votes');
    const environment = { ...standIn(folder, 'execute:1000:1007'), WYVERN_STAND_IN_VOTES: file };
    const asked = ['generate', '--model', bundle, '--prompt', 'Say yes.', '--json', ...args];
    expect(await run(asked, environment)).toMatch(/"text":"Yes\."/);
    return readFileSync(file, 'utf8');
  };
  const released = 'clocks 30, sleep after 2000, adjusted\ndestroy\n';

  test('is the one that its settings name, and is released at the end', async () => {
    expect(await votes([])).toBe(`clocks a0, sleep after 40, held\nlatency 100\npolling 9999\n${released}`);
  });

  test('is the one that the person chose', async () => {
    expect(await votes(['--performance', 'low-balanced'])).toBe(
      `clocks 60, sleep after 1000, held\nlatency 100\npolling 0\n${released}`,
    );
  });

  test('is missing from a driver that has none: the details say so, and the model answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wyvern-genie-'));
    places.push(folder);
    const environment = standIn(folder, 'power:1:1100');
    expect(await run(['inspect', bundle], environment)).toMatch(
      /not used +QNN: the performance mode “burst” is not set: QNN offers no performance modes here \(error 1100\)/,
    );
    expect(await generate('power:1:1100')).toMatchObject({ type: 'done', text: 'Yes.' });
  });
});

describeOnEmulator('an NPU that fails with context binaries', () => {
  test.each([
    ['backend:1:1000', 'npu-incompatible'],
    ['device:1:1100', 'npu-failed'],
    ['context:1:1002', 'npu-memory'],
    ['context:3:5005', 'npu-other-chip'],
    ['context:1:5000', 'npu-incompatible'],
    ['graph:5:1007', 'npu-crashed'],
    ['execute:2:1011', 'npu-lost'],
    ['execute:19:6004', 'npu-failed'],
  ])('at %s gets the code %s', async (fault, code) => {
    expect(await generate(fault)).toMatchObject({ type: 'error', code });
  });

  test('without memory for every context length loads fewer, and answers', async () => {
    // All lengths fail at the second part; then the smallest and the longest fail; the longest alone fits.
    expect(await generate('context:2:1002:1')).toMatchObject({ type: 'done', text: 'Yes.' });
    expect(await generate('context:2:1002:2')).toMatchObject({ type: 'done', text: 'Yes.' });
  });
});
