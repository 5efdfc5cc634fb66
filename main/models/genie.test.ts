import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireFit, resolveBundle } from './bundle.ts';
import { checkGenie } from './genie.ts';
import { fitOf } from './program/fit.ts';
import { machineOf } from './program/machine.ts';
import { summaryOf } from './summary.ts';

const fixture = join(import.meta.dirname, '../../e2e/fixtures/tiny-llama-genie');
const parts = [1, 2, 3, 4].map((part) => `tiny_llama_part_${part}_of_4.bin`);

let folder: string;
const at = (name: string): string => join(folder, name);
const write = (name: string, content: unknown): void =>
  writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content));
const config = () => JSON.parse(readFileSync(join(fixture, 'genie_config.json'), 'utf8')) as { dialog: Dialog };
interface Dialog extends Record<string, unknown> {
  engine: { backend: Record<string, unknown>; model: Record<string, unknown> & { binary: Record<string, unknown> } };
}
const writeConfig = (change: (dialog: Dialog) => void): void => {
  const whole = config();
  change(whole.dialog);
  write('genie_config.json', whole);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-genie-'));
  cpSync(fixture, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a folder of AI Hub is a bundle: the configuration is its program, the binaries are its data', async () => {
  const { paths, target, sampling } = await resolveBundle(folder);
  expect(paths).toEqual({
    program: at('genie_config.json'),
    data: parts.map(at),
    tokenizer: at('tokenizer.json'),
    tokenizerConfig: at('tokenizer_config.json'),
    htpSettings: at('htp_backend_ext_config.json'),
  });
  expect(target).toMatchObject({ label: 'Snapdragon X Elite or X Plus (V73)', shards: 4, runsOn: 'unknown' });
  expect(sampling).toEqual({ temperature: 0.8, topK: 40, topP: 0.95 });
});

test('the paths of another machine name files of this folder', async () => {
  writeConfig(({ engine }) => (engine.model.binary['ctx-bins'] = parts.map((name) => `C:\\models\\phi\\${name}`)));
  expect((await resolveBundle(folder)).paths.data).toEqual(parts.map(at));
  writeConfig(({ engine }) => (engine.model.binary['ctx-bins'] = parts.map((name) => `../../../../etc/${name}`)));
  expect((await resolveBundle(folder)).paths.data).toEqual(parts.map(at));
});

test('missing parts are named', async () => {
  rmSync(at(parts[2]!));
  rmSync(at(parts[0]!));
  await expect(resolveBundle(folder)).rejects.toMatchObject({
    code: 'bundle-incomplete',
    message: expect.stringMatching(/it lacks tiny_llama_part_1_of_4\.bin, tiny_llama_part_3_of_4\.bin\.$/) as string,
  });
});

test('binaries may have any name', async () => {
  renameSync(at(parts[1]!), at('weights.serialized'));
  writeConfig(({ engine }) => (engine.model.binary['ctx-bins'] = [parts[0], 'weights.serialized', parts[2], parts[3]]));
  expect((await resolveBundle(folder)).paths.data[1]).toBe(at('weights.serialized'));
});

test('an empty part is damage', async () => {
  write(parts[1]!, '');
  await expect(resolveBundle(folder)).rejects.toMatchObject({ code: 'model-invalid' });
});

test.each(['config.json', 'htp_backend_ext_config.json'])(
  'a %s that links out of the folder is refused',
  async (name) => {
    const outside = mkdtempSync(join(tmpdir(), 'wyvern-outside-'));
    writeFileSync(join(outside, 'settings.json'), '{"num_hidden_layers": 5, "num_key_value_heads": 4}');
    rmSync(at(name), { force: true });
    symlinkSync(join(outside, 'settings.json'), at(name));
    await expect(resolveBundle(folder)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringContaining(`“${name}” is a link that leads out of its folder`) as string,
    });
    rmSync(outside, { recursive: true });
  },
);

test('a part that links out of the folder is named, and its size is not read', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'wyvern-outside-'));
  renameSync(at(parts[1]!), join(outside, 'weights.bin'));
  symlinkSync(join(outside, 'weights.bin'), at(parts[1]!));
  await expect(resolveBundle(folder)).rejects.toMatchObject({
    message: expect.stringContaining(`“${parts[1]}” is a link to a place outside of its folder`) as string,
  });
  const { methods } = await checkGenie(at('genie_config.json'));
  expect(methods[0]?.delegates.map(({ bytes }) => bytes > 0)).toEqual([true, false, true, true]);
  rmSync(outside, { recursive: true });
});

test('links inside the repository of a cache are followed', async () => {
  const repository = join(folder, 'models--qualcomm--tiny');
  const snapshot = join(repository, 'snapshots', 'a'.repeat(40));
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(join(repository, 'blobs'));
  for (const name of readdirSync(fixture)) {
    copyFileSync(join(fixture, name), join(repository, 'blobs', name));
    symlinkSync(join('../../blobs', name), join(snapshot, name));
  }
  const { target } = await resolveBundle(snapshot);
  expect(target).toMatchObject({ label: 'Snapdragon X Elite or X Plus (V73)', shards: 4 });
  expect(target?.contextBytes).toBeGreaterThan(4_000_000);
});

test('the library knows context, parts and chip before anything is loaded', async () => {
  expect(summaryOf(await checkGenie(at('genie_config.json')))).toMatchObject({
    backends: ['QnnBackend'],
    target: 'Snapdragon X Elite or X Plus (V73)',
    contextLength: 512,
    stateBytes: 0,
  });
  expect((await resolveBundle(folder)).target).toMatchObject({
    release: '2.49.40',
    contextBytes: parts.reduce((sum, name) => sum + readFileSync(at(name)).length, 0),
  });
  // Hugging Face's configuration says how large the KV cache is.
  write('config.json', { num_hidden_layers: 5, num_key_value_heads: 4 });
  expect(summaryOf(await checkGenie(at('genie_config.json')))).toMatchObject({ stateBytes: 5 * 2 * 4 * 8 * 512 });
});

test.each([
  ['by an older name', { devices: [{ soc_id: '69', dsp_arch: 'v79' }] }, 'Snapdragon 8 Elite (V79)'],
  ['that nobody knows yet', { devices: [{ soc_model: 999, dsp_arch: 'v85' }] }, 'chip 999 (V85)'],
  ['only by its architecture', { devices: [{ dsp_arch: 'v81' }] }, 'chips with a Hexagon (V81)'],
  ['not at all', { devices: [] }, 'a chip that its files do not name'],
  ['in nonsense', { devices: [{ soc_model: {} }] }, 'a chip that its files do not name'],
  ['in invalid JSON', '{"devices": [', 'a chip that its files do not name'],
])('a chip that is named %s', async (_how, settings, label) => {
  write('htp_backend_ext_config.json', settings);
  expect((await resolveBundle(folder)).target?.label).toBe(label);
});

const machine = (processor: string) => machineOf({ platform: 'win32', arch: 'arm64', processor });
const elite = machine('Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU');
const elite2 = machine('Snapdragon(R) X2 Elite - X2E88100 - Qualcomm(R) Oryon(TM) CPU');

test('runs only on its chip, and shared weights only on a device', async () => {
  const { target } = await resolveBundle(folder);
  expect(fitOf(target, elite)).toEqual({ runs: true });
  expect(fitOf(target, elite2)).toMatchObject({
    runs: false,
    reason: 'it was compiled for Snapdragon X Elite or X Plus (V73); this is Snapdragon X2 Elite (V81).',
    hint: 'Get the model for Snapdragon X2 Elite from Qualcomm’s AI Hub, or use a model for the CPU.',
  });
  write('htp_backend_ext_config.json', { devices: [] });
  expect(fitOf((await resolveBundle(folder)).target, elite2)).toEqual({ runs: true });
  copyFileSync(
    join(fixture, '../tiny-llama-genie-device/htp_backend_ext_config.json'),
    at('htp_backend_ext_config.json'),
  );
  const shared = await resolveBundle(folder);
  expect(() => requireFit(shared, { kind: 'emulator' })).toThrow(/it is a device file: .*with shared weights/);
  expect(fitOf(shared.target, elite)).toEqual({ runs: true });
});

test.each([
  ['is cut short', '{"dialog"'],
  ['has no dialog', { other: true }],
  ['is nested without end', '['.repeat(100_000)],
  ['is larger than any', ' '.repeat(2 ** 20 + 1)],
  ['names no binaries', { dialog: { ...config().dialog, engine: { backend: { type: 'QnnHtp' }, model: {} } } }],
])('a configuration that %s is damage, with a reason', async (_what, content) => {
  write('genie_config.json', content);
  await expect(resolveBundle(folder)).rejects.toMatchObject({ code: 'model-invalid' });
});

test('a folder with an ExecuTorch program too is a question', async () => {
  copyFileSync(join(fixture, '../tiny-llama/model.pte'), at('model.pte'));
  await expect(resolveBundle(folder)).rejects.toMatchObject({
    code: 'option-invalid',
    message: expect.stringMatching(
      /more than one program: (?:genie_config\.json, model\.pte|model\.pte, genie_config\.json)/,
    ) as string,
  });
  expect((await resolveBundle(at('genie_config.json'))).paths.program).toBe(at('genie_config.json'));
});
