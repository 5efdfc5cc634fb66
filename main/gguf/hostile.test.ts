import fc from 'fast-check';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineFailure } from '../engine/errors.ts';
import { bundleOf } from '../models/bundle.ts';
import { writeBundle } from './bundle.ts';
import { ggufBytes } from './testing/write-gguf.ts';
import { tinyModel } from './testing/tiny-models.ts';

const folder = mkdtempSync(join(tmpdir(), 'gguf-hostile-'));
const small = { layers: 1, width: 64, hidden: 64, heads: 2, kvHeads: 1, context: 32 };
const sources = ['llama', 'qwen2', 'qwen3', 'phi3', 'smollm3'].map((architecture) =>
  ggufBytes(tinyModel({ architecture, ...small })),
);
/** Everything before the weights. */
const headerBytes = 16_000;

const codes = new Set(['model-invalid', 'gguf-incomplete', 'gguf-unsupported']);

/** Bytes that turn counts, lengths and types into extreme ones are more likely to be noticed too late than random ones. */
const change = fc.record({
  at: fc.oneof({ weight: 3, arbitrary: fc.nat(headerBytes) }, { weight: 1, arbitrary: fc.nat(1500) }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255),
      Uint8Array.of(255, 255, 255, 127),
      new Uint8Array(8),
      Uint8Array.of(0, 0, 0, 128),
      Uint8Array.of(9, 0, 0, 0),
    ),
  ),
});
const mutation = fc.record({
  source: fc.nat(sources.length - 1),
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  cut: fc.option(fc.nat(200_000), { freq: 4 }),
});

it('a damaged file gives an error with a code or a bundle that passes the check, and leaves nothing behind', async () => {
  let refused = 0;
  let made = 0;
  await fc.assert(
    fc.asyncProperty(mutation, async ({ source, changes, cut }) => {
      const bytes = Buffer.from(sources[source]!);
      for (const { at, bytes: content } of changes) bytes.set(content, at);
      const path = join(folder, 'damaged.gguf');
      writeFileSync(path, cut === null ? bytes : bytes.subarray(0, cut));
      const out = join(folder, 'out');
      rmSync(out, { recursive: true, force: true });
      try {
        await writeBundle(path, out, {});
      } catch (error) {
        expect(error).toBeInstanceOf(EngineFailure);
        const { code, message } = error as EngineFailure;
        expect(codes, message).toContain(code);
        expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
        refused++;
        return;
      }
      const files = { program: 'model.pte', tokenizer: 'tokenizer.json', manifest: 'wyvern.json' };
      const paths = Object.fromEntries(Object.entries(files).map(([part, name]) => [part, join(out, name)]));
      const { facts } = await bundleOf({
        ...(paths as Record<keyof typeof files, string>),
        data: [join(out, 'model.ptd')],
        tokenizerConfig: join(out, 'tokenizer_config.json'),
      });
      expect(facts.methods.length).toBeGreaterThan(0);
      made++;
    }),
    { numRuns: 300 * Number(process.env['WYVERN_FUZZ_SCALE'] ?? 1), seed: 20_261_129 },
  );
  expect(refused).toBeGreaterThan(50);
  expect(made).toBeGreaterThan(10);
});
