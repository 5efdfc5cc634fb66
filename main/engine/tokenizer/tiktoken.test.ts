import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadAddon } from '../addon.ts';
import { openTokenizer } from './open.ts';
import { readRanks } from './rank-file.ts';
import { tokenizerConfigSchema } from '../tokenizer-config.ts';
import { tiktokenTokenizer } from './tiktoken.ts';

const path = join(import.meta.dirname, '../../../e2e/fixtures/tokenizers/tiktoken-llama-3/tokenizer.model');
const file = readFileSync(path);
const ordinary = 1600;

describe('a rank file', () => {
  test('is recognised by its content, and Llama 3’s control tokens follow its own tokens', async () => {
    const tokenizer = await openTokenizer(await loadAddon(), path, undefined);
    expect(tokenizer).toMatchObject({ kind: 'tiktoken', vocabSize: ordinary + 256, eosId: ordinary + 1 });
    expect(tokenizer.bosIds).toEqual([ordinary]);
    const places = {
      '<|begin_of_text|>': 0,
      '<|reserved_special_token_0|>': 2,
      '<|start_header_id|>': 6,
      '<|eot_id|>': 9,
    };
    for (const [literal, place] of Object.entries(places)) expect(tokenizer.tokenId(literal)).toBe(ordinary + place);
    expect(tokenizer.literal(ordinary + 255)).toBe('<|reserved_special_token_247|>');
    expect(tokenizer.encode('<|eot_id|>', { specialTokens: true })).toEqual([ordinary + 9]);
    expect(tokenizer.encode('<|eot_id|>', { specialTokens: false })).not.toContain(ordinary + 9);
    expect(tokenizer.decoder().push(ordinary + 9)).toBe('');
  });

  test('takes the control tokens of tokenizer_config.json if there are any', () => {
    const tokenizer = tiktokenTokenizer(
      file,
      tokenizerConfigSchema.parse({
        eos_token: '<|im_end|>',
        added_tokens_decoder: { [ordinary]: { content: '<|im_end|>', special: true } },
      }),
    );
    expect(tokenizer).toMatchObject({ vocabSize: ordinary + 1, eosId: ordinary, bosIds: [] });
  });

  test('encodes a word of a megabyte in less than quadratic time', () => {
    const tokenizer = tiktokenTokenizer(file, undefined);
    const ids = tokenizer.encode('a'.repeat(2 ** 20), { specialTokens: false });
    expect(ids.length).toBeGreaterThan(2 ** 10);
  });

  const bytes = Array.from({ length: 256 }, (_, byte) => `${Buffer.of(byte).toString('base64')} ${byte}`);
  const ranks = (...more: string[]): Uint8Array => Buffer.from([...bytes, ...more].join('\n'));
  test.each([
    ['an invalid line', ranks('hello'), /line 257 is not a token/],
    ['a rank beyond all', ranks('YWI= 1048576'), /rank 1048576 is beyond/],
    ['a rank twice', ranks('YWI= 7'), /twice/],
    ['a token twice', ranks('YQ== 256'), /twice/],
    ['a token of 16 KiB and one', ranks(`${Buffer.alloc(16_385).toString('base64')} 256`), /longer than 16384/],
    ['no byte 255', Buffer.from(bytes.slice(0, 255).join('\n')), /no token for the byte 255/],
  ])('with %s is refused', (_, content, reason) => {
    expect(() => readRanks(content)).toThrow(reason);
  });

  test('that is damaged on disk gives an error with a code', async () => {
    const damaged = join(mkdtempSync(join(tmpdir(), 'wyvern-ranks-')), 'tokenizer.model');
    writeFileSync(damaged, 'IQ== 0\n');
    await expect(openTokenizer(await loadAddon(), damaged, undefined)).rejects.toMatchObject({
      code: 'tokenizer-invalid',
    });
  });
});
