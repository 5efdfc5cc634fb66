/** Checks that every language has every sentence. Quality needs a human reader. */
import { describe, expect, it } from 'vitest';
import { catalogues } from './index.ts';

/** Names and technical terms that are equal in every language. */
const sameEverywhere = new Set([
  'appName',
  'benchmark.measured',
  'benchmark.notReported',
  'chat.version',
  // Names.
  'chatImport.quoted',
  'latency.bytes',
  // A technical term.
  'library.delegates',
  'latency.numbered',
  'latency.times',
  'model.facts',
  // With a stage that has no translation.
  'model.loading',
  'server.counts',
  'template.begin',
]);
/** Words that the language shares with English. */
const terms =
  /^(Chats?|Chip|Port|Details|Code|Live|Tokens?|Host|Sampling|Prefill|Decode|Median|Backend|RPC|NPU|CPU|QNN|Engine|Seed|Version|System|Burst|OK|Prompts?|Name|Parameter|Tokenizer|Manifest|Markdown|JSON|Top [PK]|Min P|ExecuTorch .*|[\d.,/ ]+|.*\.json|.*\.jinja|Llama \d|ChatML|Qwen|Gemma|Phi .*|Mistral .*|SentencePiece|tiktoken|Hugging Face|Electron|Esc|↓|F2|(Ctrl|Shift)?\+?(A|Space|Enter|Delete|ArrowDown))$/;

type Leaf = string | ((...things: never[]) => unknown);

/** Every sentence by its path, such as `chat.copy`. `formats` has its own tests. */
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

/** These take whole objects; other tests cover them. */
const objects = new Set(['figures.describe', 'data.saved', 'settings.npuInUse']);

/** Results of a sentence for numbers, names and lists, whichever it accepts. */
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

  it('has the same sentences as English, with the same number of arguments', () => {
    const shape = (leaves: Map<string, Leaf>): string[] =>
      [...leaves].map(([way, leaf]) => `${way} ${typeof leaf === 'string' ? '' : leaf.length}`).sort();
    expect(shape(own)).toEqual(shape(english));
  });

  it('has no empty sentence', () => {
    const silent = [...own].filter(
      ([, leaf]) => said(leaf).length === 0 || said(leaf).some((text) => text.trim() === ''),
    );
    expect(silent.map(([way]) => way).filter((way) => !objects.has(way))).toEqual([]);
  });

  it('has a next step for every error', () => {
    const { steps, detail } = catalogues[language].errorHelp ?? { steps: {}, detail: '' };
    expect(Object.keys(steps).sort()).toEqual(Object.keys(catalogues.en.errorTitles).sort());
    expect([...Object.values(steps), detail].filter((text) => text.trim() === '')).toEqual([]);
  });

  it('contains no English except names and terms', () => {
    const same = [...own].filter(([way, leaf]) => {
      const texts = said(leaf);
      const originals = new Set(said(english.get(way) ?? ''));
      return texts.some((text) => originals.has(text) && /\p{L}/u.test(text) && !terms.test(text));
    });
    expect(same.map(([way]) => way).filter((way) => !sameEverywhere.has(way))).toEqual([]);
  });
});

it('Chinese uses Chinese punctuation, and spaces beside Latin letters and digits', () => {
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

it('German uses its own quotation marks and no form of address', () => {
  const wrong = [...leavesOf(catalogues.de)].flatMap(([way, leaf]) =>
    said(leaf)
      .filter((text) => /(?<!„[^“]*)“|"|\b(?:Ihre?|Ihren|Ihnen|du|dich|deine?)\b/u.test(text))
      .map((text) => `${way}: ${text}`),
  );
  expect(wrong).toEqual([]);
});
