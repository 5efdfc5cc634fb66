/** Compares templates with Jinja as `transformers` configures it. `python -m export jinja_goldens` makes the goldens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JinjaTemplate } from './template.ts';

const goldens = JSON.parse(readFileSync(join(import.meta.dirname, 'goldens.json'), 'utf8')) as {
  readonly now: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly templates: Readonly<Record<string, string | null>>;
};
const now = (): Date => new Date(goldens.now.slice(0, 23));

const argumentOfTest = 'the parser takes no argument of a test without parentheses, and none with them';
const parser = 'the parser does not know it';
/** Templates that give a different text, or none. Each is listed in docs/compatibility.md. */
const different: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['number is divisibleby 7', "word is in ['wyvern']", 'number is eq 7', 'number is ne 7', 'number is gt 3']
      .concat(['number is lt 3', 'number is ge 7', 'flag is sameas true', '1 is sameas true'])
      .map((test) => [`{{ ${test} }}`, argumentOfTest]),
  ),
  '{{ () }}': parser,
  '{{ (1,) }}': parser,
  '{{ 1e3 }}': parser,
  '{% raw %}{{ x }}{% endraw %}': parser,
  '{% with a = 2 %}{{ a }}{% endwith %}': parser,
  "{% for p in people %}{{ loop.previtem.name if loop.previtem else '-' }}{{ p.name }}{{ loop.cycle('x', 'y') }}{% endfor %}":
    'the interpreter has no loop.cycle',
  '{{ range(2) }}': 'a range is a list',
  '{{ whole }}': 'JSON, by which the context comes, has no 4.0',
  "{{ strftime_now('%H:%M:%S %f') }}": 'JavaScript’s clock counts milliseconds',
  "{{ 'ÀÇ ß ŉ ǆ'.title() }}": 'one letter that Python writes as two of which it capitalises the second',
};

function rendered(template: string): string | null {
  try {
    return new JinjaTemplate(template, { now }).render(goldens.context);
  } catch {
    return null;
  }
}

const entries = Object.entries(goldens.templates);

test.each(entries.filter(([template]) => !(template in different)))('%s', (template, wanted) => {
  expect(rendered(template)).toBe(wanted);
});

test('compares more than 500 templates and knows those that differ', () => {
  expect(entries.length).toBeGreaterThan(500);
  const found = entries.filter(([template, wanted]) => rendered(template) !== wanted).map(([template]) => template);
  expect(found.sort()).toEqual(Object.keys(different).sort());
});

test('formats every date field of C, also at the turn of a year', () => {
  const template = new JinjaTemplate("{{ strftime_now('%G-W%V %j %U %W') }}", { now: () => new Date(2027, 0, 1) });
  expect(template.render({})).toBe('2026-W53 001 00 00');
});
