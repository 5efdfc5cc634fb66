import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveBundle } from './bundle.ts';
import { readGenie } from './genie.ts';

let folder: string;
const write = (name: string, content: unknown): void =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const parts = [1, 2, 3].map((part) => `llama_v3_2_3b_part_${part}_of_3.bin`);
const config = {
  dialog: {
    version: 1,
    type: 'basic',
    context: { version: 1, size: 4096, 'n-vocab': 128256 },
    engine: {
      backend: { type: 'QnnHtp', extensions: 'htp_backend_ext_config.json' },
      model: { type: 'binary', binary: { version: 1, 'ctx-bins': parts.map((name) => `C:\\models\\${name}`) } },
    },
  },
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-genie-'));
  for (const name of parts) write(name, 'binary');
  write('genie_config.json', config);
  write('htp_backend_ext_config.json', { devices: [{ soc_model: 60, dsp_arch: 'v73', cores: [] }] });
});
afterEach(() => rmSync(folder, { recursive: true }));

test('describes a folder for Genie by parts, chip and context, with any paths in its files', async () => {
  expect(await readGenie(folder)).toEqual({
    folder,
    parts,
    missing: [],
    bytes: 18,
    contextLength: 4096,
    vocabSize: 128256,
    chip: 'Snapdragon X Elite or X Plus (V73)',
  });
});

test('is refused by name with a description, wherever a bundle is expected', async () => {
  await expect(resolveBundle(folder)).rejects.toMatchObject({
    code: 'genie-unsupported',
    message: expect.stringMatching(
      /Qualcomm’s Genie: 3 context binaries for Snapdragon X Elite or X Plus \(V73\), 4,096 tokens of context/,
    ) as string,
  });
  await expect(resolveBundle(join(folder, parts[0]!))).rejects.toMatchObject({ code: 'genie-unsupported' });
});

test.each([
  ['by an older name', { devices: [{ soc_id: '69', dsp_arch: 'v79' }] }, 'Snapdragon 8 Elite (V79)'],
  ['that nobody knows yet', { devices: [{ soc_model: 999, dsp_arch: 'v85' }] }, 'chip 999 (V85)'],
  ['only by its architecture', { devices: [{ dsp_arch: 'v81' }] }, 'chips with a Hexagon (V81)'],
  ['not at all', { devices: [] }, undefined],
  ['in nonsense', { devices: [{ soc_model: {} }] }, undefined],
  ['in invalid JSON', '{"devices": [', undefined],
])('a chip that is named %s', async (_how, extensions, chip) => {
  write('htp_backend_ext_config.json', extensions);
  expect((await readGenie(folder))?.chip).toBe(chip);
});

test('parts are found by file name if the configuration names none, and missing ones are listed', async () => {
  write('genie_config.json', { dialog: { engine: [{ model: {} }] } });
  expect(await readGenie(folder)).toMatchObject({ parts, missing: [] });
  write('genie_config.json', config);
  rmSync(join(folder, parts[1]!));
  expect(await readGenie(folder)).toMatchObject({ missing: [parts[1]], bytes: 12 });
});

test.each([
  ['is cut short', '{"dialog"'],
  ['has no dialog', { other: true }],
  ['is nested without end', '['.repeat(100_000)],
  ['is larger than any', ' '.repeat(2 ** 20 + 1)],
])('a configuration that %s is damage, with a reason', async (_what, content) => {
  write('genie_config.json', content);
  await expect(readGenie(folder)).rejects.toMatchObject({ code: 'model-invalid' });
});

test('a folder with an ExecuTorch program is not for Genie', async () => {
  write('model.pte', 'program');
  expect(await readGenie(folder)).toBeUndefined();
  mkdirSync(join(folder, 'empty'));
  expect(await readGenie(join(folder, 'empty'))).toBeUndefined();
  expect(await readGenie(join(folder, 'gone'))).toBeUndefined();
});
