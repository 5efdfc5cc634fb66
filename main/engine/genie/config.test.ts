import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readGenieConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-genie-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Json = Record<string, unknown>;
const original = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../e2e/fixtures/tiny-llama-genie/genie_config.json'), 'utf8'),
) as { dialog: Json };

/** The fixture's configuration with some fields of the object at `place` replaced. */
function changed(place: string, fields: Json): unknown {
  const whole = structuredClone(original);
  let object: Json = whole.dialog;
  for (const key of place.split('.').filter(Boolean)) object = object[key] as Json;
  Object.assign(object, fields);
  return whole;
}

async function read(content: unknown, modelConfig?: unknown) {
  writeFileSync(join(folder, 'genie_config.json'), JSON.stringify(content));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(modelConfig ?? null));
  const beside = modelConfig === undefined ? undefined : join(folder, 'config.json');
  return await readGenieConfig(join(folder, 'genie_config.json'), beside);
}

const encoding = 'engine.model.positional-encoding';

test('what AI Hub writes is read, and nothing in it is unknown', async () => {
  expect(await read(original)).toEqual({
    contextLength: 512,
    vocabSize: 512,
    bosId: 1,
    eosIds: [2, 6],
    stopStrings: [],
    sampling: { temperature: 0.8, topK: 40, topP: 0.95 },
    binaries: [1, 2, 3, 4].map((part) => `tiny_llama_part_${part}_of_4.bin`),
    extensions: 'htp_backend_ext_config.json',
    rotation: { pairs: 4, theta: 10_000, scaling: { kind: 'default' } },
    headSize: 8,
    leftOut: [],
  });
});

test('unknown keys are named with their place', async () => {
  const whole = changed('engine', { longcontext: { type: 'keydiff' }, 'n-threads': 4 }) as { dialog: Json };
  whole.dialog['harmony'] = true;
  expect((await read(whole)).leftOut).toEqual([
    { field: 'dialog.engine.longcontext', value: '{"type":"keydiff"}' },
    { field: 'dialog.harmony', value: 'true' },
  ]);
});

test('older files keep the rotation among the settings of the backend', async () => {
  const whole = changed('engine.backend.QnnHtp', { 'pos-id-dim': 64, 'rope-theta': 1_000_000 });
  const { engine } = (whole as { dialog: { engine: { model: Json } } }).dialog;
  delete engine.model['positional-encoding'];
  expect((await read(whole)).rotation).toEqual({ pairs: 64, theta: 1_000_000, scaling: { kind: 'default' } });
});

const llama3 = {
  'rope-type': 'llama3',
  factor: 8,
  'low-freq-factor': 1,
  'high-freq-factor': 4,
  'original-max-position-embeddings': 8192,
};

test('the model’s own config.json counts more than the copy in the configuration', async () => {
  const whole = changed(encoding, { 'rope-scaling': llama3, 'rope-theta': 500_000 });
  expect((await read(whole)).rotation.scaling).toMatchObject({ kind: 'llama3', factor: 8 });
  const meta = { rope_theta: 500_000, rope_scaling: { rope_type: 'llama3', factor: 32 } };
  expect((await read(whole, meta)).rotation.scaling).toEqual({
    kind: 'llama3',
    factor: 32,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalContext: 8192,
  });
  // Another kind of rotation belongs to another model.
  expect((await read(whole, { rope_scaling: null })).rotation.scaling).toMatchObject({ factor: 8 });
  expect((await read(whole, 'no object')).rotation.scaling).toMatchObject({ factor: 8 });
});

test('a table of embeddings is read with its encoding', async () => {
  const table = { version: 1, type: 'lut', 'lut-path': 'D:/x/embedding_int8_lut.bin', size: 2560, datatype: 'ufixed8' };
  const quantised = { ...table, 'quant-param': { scale: 0.02, offset: -128 } };
  expect((await read(changed('', { embedding: quantised }))).embedding).toEqual({
    file: 'embedding_int8_lut.bin',
    width: 2560,
    type: 'uint8',
    scale: 0.02,
    offset: -128,
  });
  const native = { ...table, datatype: 'native' };
  expect((await read(changed('', { embedding: native }))).embedding).toEqual({
    file: 'embedding_int8_lut.bin',
    width: 2560,
  });
  await expect(read(changed('', { embedding: table }))).rejects.toThrow(/lacks “quant-param”/);
});

test('stop sequences, several ends and greedy sampling are taken', async () => {
  const whole = changed('context', { 'eos-token': 7, 'eot-token': [8, -1], 'bos-token': -1 }) as { dialog: Json };
  whole.dialog['stop-sequence'] = ['<|end|>'];
  whole.dialog['sampler'] = { version: 1, greedy: true, temp: 0.8 };
  expect(await read(whole)).toMatchObject({ eosIds: [7, 8], stopStrings: ['<|end|>'], sampling: { temperature: 0 } });
  expect(await read(whole)).not.toHaveProperty('bosId');
});

test.each([
  ['a dialog of two models', changed('', { type: 'spd' }), 'of the type “spd”'],
  [
    'several engines',
    changed('', { engine: [original.dialog['engine'], original.dialog['engine']] }),
    'several engines',
  ],
  ['a backend of the CPU', changed('engine.backend', { type: 'QnnGenAiTransformer' }), '“QnnGenAiTransformer”'],
  ['a library of weights', changed('engine.model', { type: 'library' }), 'names no context binaries'],
  ['positions without rotation', changed(encoding, { type: 'alibi' }), 'encoded as “alibi”'],
  [
    'a scaling that Wyvern does not know',
    changed(encoding, { 'rope-scaling': { 'rope-type': 'yarnrope' } }),
    'scaled by “yarnrope”',
  ],
  ['a scaling without its numbers', changed(encoding, { 'rope-scaling': { 'rope-type': 'llama3' } }), 'lacks “factor”'],
  [
    'too few factors',
    changed(encoding, { 'rope-scaling': { 'rope-type': 'longrope', 'short-factor': [1], 'long-factor': [1] } }),
    'factors of longrope are not 4',
  ],
])('%s is refused by name', async (_what, content, reason) => {
  await expect(read(content)).rejects.toMatchObject({
    code: 'model-unsupported',
    message: expect.stringContaining(reason) as string,
    hint: 'Get another release of the model from Qualcomm’s AI Hub, or another model.',
  });
});
