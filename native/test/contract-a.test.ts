import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { addon, generate, readJson } from './addon.ts';

/** The trained model in the variants that upstream's exporter makes. The tokens are those of upstream's own runtime. */
const folder = fileURLToPath(new URL('../../e2e/fixtures/contract-a/', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

interface Expected {
  readonly promptTokens: readonly number[];
  readonly tokens: readonly number[];
}

describe('a variant of upstream’s export says what upstream’s runtime says', () => {
  test.each(names)('%s', async (name) => {
    const weights = `${folder}${name}.ptd`;
    const model = await addon.Model.load({
      programPath: `${folder}${name}.pte`,
      dataPaths: existsSync(weights) ? [weights] : [],
    });
    for (const { promptTokens, tokens } of readJson(`${folder}${name}.json`) as readonly Expected[]) {
      model.seek(0);
      await model.prefill(Int32Array.from(promptTokens));
      expect((await generate(model, tokens.length)).map(({ token }) => token)).toEqual(tokens);
    }
    await model.close();
  });
});
