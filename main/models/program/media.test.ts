import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkProgramFile } from '../preflight.ts';
import { unusedMedia } from './media.ts';

const folder = join(import.meta.dirname, '../../../native/test/fixtures');

test('a multimodal program says what Wyvern does not use of it', async () => {
  expect(unusedMedia(await checkProgramFile(join(folder, 'multimodal.pte')))).toEqual(['images']);
  expect(unusedMedia(await checkProgramFile(join(folder, 'dynamic.pte')))).toEqual([]);
});
