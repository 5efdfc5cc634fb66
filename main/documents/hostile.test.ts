import { expect, test } from 'vitest';
import { readDocument } from './read.ts';
import { fixture } from './testing.ts';

const kinds = [
  ['tides.pdf', 'pdf'],
  ['tides.docx', 'docx'],
  ['tides.pptx', 'pptx'],
  ['budget.xlsx', 'xlsx'],
  ['tides.odt', 'odt'],
  ['tides.epub', 'epub'],
] as const;
const mutantsOfEach = 50;

test.each(kinds)('damaged copies of %s give text or a fault', async (name, kind) => {
  const whole = fixture(name);
  let random = 1;
  const below = (limit: number): number => {
    // Numerical Recipes' generator.
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random % limit;
  };
  for (let count = 0; count < mutantsOfEach; count++) {
    let bytes = Uint8Array.from(whole);
    if (count % 5 === 0) bytes = bytes.slice(0, below(bytes.length));
    else for (let flips = 1 + below(20); flips > 0; flips--) bytes[below(bytes.length)] = below(256);
    const outcome = await readDocument({ kind, bytes });
    if (!outcome.ok) expect(['unreadable', 'protected', 'without-text', 'too-large']).toContain(outcome.fault);
  }
});

test('deep nesting, and entities that multiply, end as text or a fault', async () => {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const deep = await readDocument({ kind: 'html', bytes: encode(`${'<div>'.repeat(100_000)}deep`) });
  expect(typeof deep.ok).toBe('boolean');
  const entities = Array.from({ length: 30 }, (_, index) => `<!ENTITY e${index + 1} "&e${index};&e${index};">`);
  const laughs = `<!DOCTYPE x [<!ENTITY e0 "ha">${entities.join('')}]><html><body><p>&e30;</p></body></html>`;
  const outcome = await readDocument({ kind: 'html', bytes: encode(laughs) });
  if (outcome.ok) expect(outcome.text.length).toBeLessThan(10_000);
});
