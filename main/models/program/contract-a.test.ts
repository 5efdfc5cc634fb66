/** Compares the table of test programs in export/README.md with the facts in each program. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkProgramFile } from '../preflight.ts';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'e2e/fixtures/contract-a');
const columns = ['model', 'linear', 'embedding', 'cache', 'attention', 'call', 'numbers', 'backend'] as const;
type Row = Readonly<Record<(typeof columns)[number], string>>;

const rows = new Map<string, Row>(
  readFileSync(join(root, 'export/README.md'), 'utf8')
    .split('\n')
    .filter((line) => line.split('|').length === columns.length + 3 && line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, name = '', ...cells]) => [
      name.replaceAll('`', ''),
      Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])) as Row,
    ]),
);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.pte'))
  .map((file) => file.replace(/\.pte$/, ''));

test('every program has a row', () => {
  expect([...rows.keys()].sort()).toEqual(names.sort());
});

test.each(names)('%s agrees with its row', async (name) => {
  const row = rows.get(name);
  if (row === undefined) throw new Error(`${name} has no row.`);
  const facts = await checkProgramFile(join(folder, `${name}.pte`));
  const forward = facts.methods.find((method) => method.name === 'forward');
  if (forward === undefined) throw new Error(`${name} has no method forward.`);
  const [tokens] = forward.inputs;
  const [logits] = forward.outputs;
  const calls = (operator: string): boolean => forward.operators.some((found) => found.startsWith(operator));
  expect({
    cached: forward.inputs.length === 2,
    longest: tokens?.sizes.at(-1),
    dynamic: tokens?.dynamic,
    allLogits: logits?.sizes.length === 3,
    numbers: logits?.dtype,
    eightBitEmbedding: calls('quantized_decomposed::embedding_byte'),
    fourBitEmbedding: calls('quantized_decomposed::embedding_4bit'),
    customAttention: calls('llama::custom_sdpa'),
    quantisedAttention: calls('llama::custom_quantized_sdpa'),
    scaleAToken: calls('quantized_decomposed::choose_qparams_per_token_asymmetric'),
    windows: calls('llama::update_cache_with_indices'),
    rotated: calls('llama::fast_hadamard_transform'),
    delegated: forward.delegates.length > 0,
    weightsApart: facts.externalData.length > 0,
  }).toEqual({
    cached: row.cache !== 'none',
    longest: Number(/\d+(?=\D*$)/.exec(row.call)?.[0]),
    dynamic: row.call.startsWith('1 to '),
    allLogits: row.call.endsWith('all logits'),
    numbers: row.numbers,
    eightBitEmbedding: row.embedding.startsWith('8 bits'),
    fourBitEmbedding: row.embedding.startsWith('4 bits'),
    customAttention: row.attention === 'custom',
    quantisedAttention: row.attention === 'quantised',
    scaleAToken: row.cache.includes('a scale a token'),
    windows: row.cache.includes('windows'),
    rotated: row.model.includes('rotated'),
    delegated: row.backend.startsWith('XNNPACK'),
    weightsApart: row.backend.includes('.ptd'),
  });
});
