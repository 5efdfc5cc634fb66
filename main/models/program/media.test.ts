import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkProgramFile } from '../preflight.ts';
import { encodersOf, unusedMedia } from './media.ts';
import type { Method } from './program.ts';

const folder = join(import.meta.dirname, '../../../native/test/fixtures');

test('a multimodal program says what Wyvern does not use of it', async () => {
  expect(unusedMedia(await checkProgramFile(join(folder, 'multimodal.pte')))).toEqual(['images']);
  expect(unusedMedia(await checkProgramFile(join(folder, 'dynamic.pte')))).toEqual([]);
});

test('an encoder without a text model is recognised by its methods', () => {
  const rest = { outputs: [], delegates: [], operators: [], plannedBytes: 0, carriesTensors: false };
  const method = (name: string): Method => ({ name, inputs: [undefined], ...rest });
  const methods = (...names: string[]) => ({ methods: names.map(method) });
  expect(encodersOf(methods('encoder', 'text_decoder'))).toEqual(['encoder', 'text_decoder']);
  for (const names of [
    ['forward'],
    ['vision_encoder', 'token_embedding', 'text_decoder'],
    ['audio_encoder', 'kv_forward'],
  ]) {
    expect(encodersOf(methods(...names))).toEqual([]);
  }
});
