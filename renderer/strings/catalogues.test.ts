/** That every language says everything. Whether it says it well, only a person can tell. */
import { describe, expect, it } from 'vitest';
import { catalogues } from './index.ts';

/** Names and terms of the field that are the same in every language. */
const sameEverywhere = new Set([
  'appName',
  'benchmark.measured',
  'benchmark.notReported',
  'chat.version',
  // Names.
  'chatImport.quoted',
  'latency.bytes',
  // A term of the field.
  'library.delegates',
  'latency.numbered',
  'latency.times',
  'model.facts',
  // With a stage that no language has a name for.
  'model.loading',
  'template.begin',
]);
/** The same words, because the language has no other or the field uses no other. */
const terms =
  /^(Chats?|Chip|Details|Code|Live|Token|Host|Sampling|Prefill|Decode|Median|Backend|RPC|NPU|CPU|Engine|Seed|Version|System|Burst|OK|Prompt|Parameter|Tokenizer|Manifest|Markdown|JSON|Top [PK]|Min P|ExecuTorch .*|[\d.,/ ]+|.*\.json|.*\.jinja|Llama \d|ChatML|Qwen|Gemma|Phi .*|Mistral .*|SentencePiece|tiktoken|Hugging Face|Electron|Esc|↓|F2|(Ctrl|Shift)?\+?(A|Space|Enter|Delete|ArrowDown))$/;

type Leaf = string | ((...things: never[]) => unknown);

/** Each text and sentence by its way, `chat.copy`; those of `formats` are tested by themselves. */
function leavesOf(value: object, way = ''): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    const here = way === '' ? key : `${way}.${key}`;
    if (['formats', 'tag', 'keys', 'errorHelp'].includes(here)) continue;
    if (typeof inner === 'object' && inner !== null)
      for (const [under, leaf] of leavesOf(inner, here)) leaves.set(under, leaf);
    else leaves.set(here, inner as Leaf);
  }
  return leaves;
}

/** These speak of a whole object, which is made in the tests of where they are shown. */
const objects = new Set(['figures.describe', 'data.saved', 'settings.npuInUse']);

/** What a sentence says of numbers, names or lists, whichever of them it takes; undefined if of neither. */
function said(leaf: Leaf): readonly string[] {
  if (typeof leaf === 'string') return [leaf];
  const things: readonly unknown[] = [1, 2, 'Wyvern 1', ['a.pte', 'b.pte']];
  return things.flatMap((thing) => {
    try {
      const words = (leaf as (...all: unknown[]) => unknown)(...Array.from({ length: leaf.length }, () => thing));
      return typeof words === 'string' ? [words] : [];
    } catch {
      return [];
    }
  });
}

const english = leavesOf(catalogues.en);

describe.each(['de', 'zh'] as const)('%s', (language) => {
  const own = leavesOf(catalogues[language]);

  it('has the sentences of English and no other, each of as many things', () => {
    const shape = (leaves: Map<string, Leaf>): string[] =>
      [...leaves].map(([way, leaf]) => `${way} ${typeof leaf === 'string' ? '' : leaf.length}`).sort();
    expect(shape(own)).toEqual(shape(english));
  });

  it('says something everywhere', () => {
    const silent = [...own].filter(
      ([, leaf]) => said(leaf).length === 0 || said(leaf).some((text) => text.trim() === ''),
    );
    expect(silent.map(([way]) => way).filter((way) => !objects.has(way))).toEqual([]);
  });

  it('says of every error what can be done, once each', () => {
    const { steps, detail } = catalogues[language].errorHelp ?? { steps: {}, detail: '' };
    expect(Object.keys(steps).sort()).toEqual(Object.keys(catalogues.en.errorTitles).sort());
    expect([...Object.values(steps), detail].filter((text) => text.trim() === '')).toEqual([]);
  });

  it('leaves nothing in English but names and terms', () => {
    const same = [...own].filter(([way, leaf]) => {
      const texts = said(leaf);
      const originals = new Set(said(english.get(way) ?? ''));
      return texts.some((text) => originals.has(text) && /\p{L}/u.test(text) && !terms.test(text));
    });
    expect(same.map(([way]) => way).filter((way) => !sameEverywhere.has(way))).toEqual([]);
  });
});

it('Chinese is written with Chinese marks, and with a space beside Latin letters and figures', () => {
  const wrong = [...leavesOf(catalogues.zh)].flatMap(([way, leaf]) =>
    said(leaf)
      .filter(
        (text) =>
          way !== 'data.when' &&
          /\p{Script=Han}[,;:!?]|\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u.test(text),
      )
      .map((text) => `${way}: ${text}`),
  );
  expect(wrong).toEqual([]);
});

it('German has its own quotation marks, and addresses nobody', () => {
  const wrong = [...leavesOf(catalogues.de)].flatMap(([way, leaf]) =>
    said(leaf)
      .filter((text) => /(?<!„[^“]*)“|"|\b(?:Ihre?|Ihren|Ihnen|du|dich|deine?)\b/u.test(text))
      .map((text) => `${way}: ${text}`),
  );
  expect(wrong).toEqual([]);
});
