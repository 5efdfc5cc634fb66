import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fill, partsOf, variablesOf } from './template.ts';

const filled = (prompt: string, values: Readonly<Record<string, string>>): string | undefined =>
  fill(partsOf(prompt), new Map(Object.entries(values)), 1_000_000);

describe('variables', () => {
  test('are found once each, in order, in every script', () => {
    const parts = partsOf('{{name}} and {{ 语言 }}, {{name}}; {{Empfänger der Mail}} {{Date}}');
    expect(variablesOf(parts)).toEqual(['name', '语言', 'Empfänger der Mail', 'date']);
  });

  test.each([
    '{{}}',
    '{{ }}',
    '{name}',
    '{{a.b}}',
    '{{#if x}}',
    '{{name',
    '{ {name} }',
    `{{${'x'.repeat(41)}}}`,
    '{{a\nb}}',
  ])('%j stays text', (prompt) => {
    expect(variablesOf(partsOf(prompt))).toEqual([]);
    expect(filled(prompt, { name: 'value' })).toBe(prompt);
  });

  test('get their values, and an unknown one is empty', () => {
    expect(filled('Dear {{name}},{{more}} {{ name }}!', { name: 'Ada' })).toBe('Dear Ada, Ada!');
  });

  test('values are never expanded again', () => {
    const values = {
      clipboard: '{{date}} {{selection}}',
      date: '{{clipboard}}',
      selection: '$& {{name}}',
      name: '{{name}}',
    };
    expect(filled('{{clipboard}}|{{date}}|{{selection}}|{{name}}', values)).toBe(
      '{{date}} {{selection}}|{{clipboard}}|$& {{name}}|{{name}}',
    );
  });

  test('names of JavaScript objects are names like others', () => {
    expect(variablesOf(partsOf('{{__proto__}} {{constructor}}'))).toEqual(['__proto__', 'constructor']);
    expect(filled('[{{constructor}}]', {})).toBe('[]');
  });

  test('a text that is too long is refused before it is made', () => {
    const parts = partsOf('{{a}}{{a}}');
    expect(fill(parts, new Map([['a', 'xxx']]), 6)).toBe('xxxxxx');
    expect(fill(parts, new Map([['a', 'xxx']]), 5)).toBeUndefined();
  });

  test('the parts of any text give the text again', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{{', '}}', '{', 'a', ' ', '-', '\n', '語', '🐉', '{{a}}')), (pieces) => {
        const parts = partsOf(pieces.join('')).map((part) => ('text' in part ? part.text : `{{${part.variable}}}`));
        expect(parts.join('').replaceAll(/\s/g, '')).toBe(pieces.join('').replaceAll(/\s/g, ''));
      }),
    );
  });
});
