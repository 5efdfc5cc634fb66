import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { violationsOf } from './contract-violations.ts';

const text = z.string().min(1).max(3);

/** The violations of a schema, in words. The schema refuses all of them. */
function made(schema: z.ZodType): readonly string[] {
  const all = violationsOf(schema);
  expect(all.filter(({ value }) => schema.safeParse(value).success)).toEqual([]);
  return all.map(({ what }) => what);
}

describe('wrong inputs are made of', () => {
  test('each alternative of a union, with or without a discriminator', () => {
    const told = z.object({
      choice: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('none') }),
        z.object({ kind: z.literal('own'), text }),
      ]),
    });
    expect(made(told)).toEqual(
      expect.arrayContaining([
        'choice is null',
        'choice is string',
        'choice.kind is missing',
        'choice.kind is not one of its names',
        'choice.text is missing',
        'choice.text is number',
        'choice.text is too long',
      ]),
    );
    const untold = z.object({ value: z.union([text, z.array(text).max(2)]) });
    expect(made(untold)).toEqual(
      expect.arrayContaining([
        'value is too long',
        'value is too many items',
        'value[] is too long',
        'value is object',
      ]),
    );
    expect(made(untold)).not.toContain('value is array');
  });

  test('nullable and optional values', () => {
    const names = made(z.object({ seed: z.number().int().min(0).max(9).nullable(), name: text.optional() }));
    expect(names).toEqual(
      expect.arrayContaining(['seed is too small', 'seed is too large', 'seed is a fraction', 'seed is infinite']),
    );
    expect(names).not.toContain('seed is null');
    expect(names).toContain('seed is missing');
    expect(names).toContain('name is null');
    expect(names).toContain('name is too long');
    expect(names).not.toContain('name is missing');
  });

  test('records, by their values and by their names', () => {
    const names = made(z.object({ hashes: z.record(text, z.number().min(0).max(1)) }));
    expect(names).toEqual(expect.arrayContaining(['hashes is array', 'hashes{} is too large', 'hashes{} is string']));
    expect(names).toContain('hashes{name} is too long');
  });

  test('arrays in arrays, tuples, and objects in them', () => {
    const names = made(z.object({ rows: z.array(z.array(z.object({ text })).max(2)).max(2) }));
    expect(names).toEqual(expect.arrayContaining(['rows[] is too many items', 'rows[][].text is missing']));
    expect(made(z.object({ pair: z.tuple([text, z.boolean()]) }))).toEqual(
      expect.arrayContaining(['pair[0] is too long', 'pair[1] is string']),
    );
  });

  test('known keywords only: an unknown one fails, so that no test skips it', () => {
    expect(() => violationsOf(z.object({ even: z.number().multipleOf(2) }))).toThrow('multipleOf');
    expect(() => violationsOf(z.object({ even: z.number().multipleOf(2).nullable() }))).toThrow('multipleOf');
  });
});
