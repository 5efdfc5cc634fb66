import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { addon, generate, readJson } from './addon.ts';

/** The trained model in the variants of upstream's exporter, compared with the tokens of upstream's own runtime. */
const folder = fileURLToPath(new URL('../../e2e/fixtures/contract-a/', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

interface Expected {
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
}

describe('a variant of upstream’s export gives the tokens of upstream’s runtime', () => {
  test.each(names)('%s', async (name) => {
    const weights = `${folder}${name}.ptd`;
    const model = await addon.Model.load({
      programPath: `${folder}${name}.pte`,
      dataPaths: existsSync(weights) ? [weights] : [],
      recyclesSlots: name.startsWith('sliding-window'),
    });
    for (const { promptTokens, tokens } of readJson(`${folder}${name}.json`) as readonly Expected[]) {
      model.seek(0);
      await model.prefill(Int32Array.from(promptTokens));
      expect((await generate(model, tokens.length)).map(({ token }) => token)).toEqual(tokens);
    }
    await model.close();
  });
});

test('damaged weights with a quantised cache fail the step and do not end the process', async () => {
  const bytes = readFileSync(`${folder}quantised-cache.pte`);
  for (let at = 500_000; at < bytes.length - 4096; at += 4096) bytes.fill(Uint8Array.of(0, 0, 0xc0, 0x7f), at, at + 64);
  const programPath = join(mkdtempSync(join(tmpdir(), 'wyvern-damaged-')), 'damaged.pte');
  writeFileSync(programPath, bytes);
  // Loading runs a first step.
  await expect(addon.Model.load({ programPath })).rejects.toMatchObject({
    code: 'execution-failed',
    message: expect.stringContaining('infinite or no number') as string,
  });
});
