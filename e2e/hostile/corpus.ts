/**
 * Texts that try to run, load, link, hide or deceive, for every place that shows a model's text. Each combines an
 * attack, a spelling and a Markdown context. Each names itself: running code calls `canary('its name')`, a leaving
 * request goes to `example.com/its-name`.
 */
import fc from 'fast-check';
import { refusedAddresses } from './addresses.ts';
import { formulaAttacks, markupAttacks, textAttacks } from './attacks.ts';

export interface Payload {
  readonly name: string;
  readonly text: string;
}

/** Spellings of an attack that a filter may miss and a parser may accept. */
const writings: Readonly<Record<string, (text: string) => string>> = {
  plainly: (text) => text,
  'in mixed case': (text) => text.replace(/<\/?[a-z]+/g, (tag) => Array.from(tag, alternate).join('')),
  'as entities': (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  'as decimal entities': (text) => text.replace(/[<>"'=:]/g, (letter) => `&#${letter.charCodeAt(0)};`),
  'as unended entities': (text) => text.replace(/[<>"':]/g, (letter) => `&#x${letter.charCodeAt(0).toString(16)} `),
  'as named entities': (text) => text.replaceAll(':', '&colon;').replaceAll('(', '&lpar;').replaceAll('=', '&equals;'),
  'as entities of entities': (text) => text.replaceAll('<', '&amp;lt;').replaceAll('>', '&amp;gt;'),
  'percent-encoded': (text) => encodeURIComponent(text.toWellFormed()).replaceAll('%20', ' '),
  'broken by NUL': (text) => text.replace(/<(\/?[a-z]{2})/g, '<$1\0'),
  'after NUL': (text) => text.replaceAll('<', '\0<').replaceAll(':', '\0:'),
  'with slashes for spaces': (text) => text.replace(/(?<=<[a-z]+) /g, '/'),
  'over lines': (text) => text.replace(/(?<=<[a-z]+) /g, '\n').replaceAll('javascript:', 'java\nscript:'),
  'with tabs': (text) => text.replaceAll('=', '\t=\t').replaceAll('javascript:', 'java\tscript:'),
  'with zero widths': (text) => text.replaceAll('<', '<\u200b').replaceAll(':', '\u2060:'),
  'in wide letters': (text) => text.replaceAll('<', '\uff1c').replaceAll('>', '\uff1e'),
  'turned round': (text) => `\u202e${text}\u202c`,
  escaped: (text) => text.replace(/[<>()[\]]/g, '\\$&'),
  'as JSON': (text) => JSON.stringify(text).replaceAll('<', '\\u003c'),
  'doubly opened': (text) => text.replaceAll('<', '<<').replaceAll('script', 'scrscriptipt'),
  'never closed': (text) => text.replace(/>[^>]*$/, ''),
};

/** Markdown contexts. Each closes what it opens, so that it does not affect the next text. */
const places: Readonly<Record<string, (text: string) => string>> = {
  alone: (text) => text,
  'in a sentence': (text) => `Look at **${text}** here.`,
  'in a list': (text) => `- one\n- ${text}\n  1. ${text}\n\n\nafter`,
  'in a quote': (text) => `> ${text}\n>> ${text}`,
  'in a table': (text) => `| a | b |\n|---|:-:|\n| ${text.replaceAll('\n', ' ')} | b |`,
  'in a heading': (text) => `### ${text.replaceAll('\n', ' ')}`,
  'as words of a link': (text) => `[${text}](https://example.com/words)`,
  'as address of a link': (text) => `[press](${text}) [press](<${text}>)`,
  'as title of a link': (text) =>
    `[press](https://example.com/title "${text}") [press](https://example.com/ '${text}')`,
  'as words of a picture': (text) => `![${text}](https://example.com/picture.png)`,
  'as address of a picture': (text) => `![picture](${text}) ![picture](<${text}> "${text}")`,
  'as a reference': (text) => `[press][r] ![picture][r]\n\n[r]: <${text}> "${text}"`,
  'as a reference of its own': (text) => `[${text}]\n\n[${text}]: https://example.com/own`,
  'as a footnote': (text) => `Noted[^n]\n\n[^n]: ${text}`,
  'as an automatic link': (text) => `<${text}> www.example.com/${text} https://example.com/${text}`,
  'as an info string': (text) => `\`\`\`${text.replace(/[`\n]/g, ' ')}\ncode\n\`\`\``,
  'as an info string of tildes': (text) =>
    `~~~ ${text.replaceAll('\n', ' ')} {onload="${text.replaceAll('\n', ' ')}"}\ncode\n~~~`,
  'in code': (text) => `\`\`\`html\n${text}\n\`\`\``,
  'in code of a span': (text) => `\`${text}\` \`\` ${text} \`\``,
  'in a formula': (text) => `$${text.replaceAll('$', '')}$`,
  'in a formula of its own': (text) => `$$\n\\text{${text.replaceAll('$', '')}}\n$$`,
  'in a task': (text) => `- [ ] ${text}\n- [x] ${text}\n\n\nafter`,
  'in struck words': (text) => `~~${text}~~`,
  'in markup': (text) => `<div>\n\n${text}\n\n</div>`,
  'in a remark': (text) => `<!-- ${text} -->\n\nafter`,
};

const linkForms: Readonly<Record<string, (address: string) => string>> = {
  'of a link': (address) => `[press](${address})`,
  'of a bracketed link': (address) => `[press](<${address}>)`,
  'of a picture': (address) => `![picture](${address})`,
  'of a reference': (address) => `[press][r]\n\n[r]: ${address}`,
  'that links itself': (address) => `<${address}> ${address}`,
  'of an element': (address) => `<a href="${address}" target=_blank>press</a>`,
  'of a formula': (address) => `$\\href{${address}}{press}$ $\\url{${address}}$`,
};

function alternate(letter: string, index: number): string {
  return index % 2 ? letter.toUpperCase() : letter;
}

/** @param make Takes the attack with its name, because a spelling may hide the name's place. */
function named(name: string, attack: string, make: (text: string) => string): Payload {
  const id = name.replaceAll(/[^a-z0-9]+/gi, '-');
  return { name, text: make(attack.replaceAll('{id}', id)) };
}

const entries = Object.entries;

/** Every attack in every spelling, and in every context. */
function markup(): readonly Payload[] {
  return entries(markupAttacks).flatMap(([attack, text]) => [
    ...entries(writings).map(([writing, write]) => named(`${attack}, ${writing}`, text, write)),
    ...entries(places)
      .slice(1)
      .map(([place, put]) => named(`${attack}, ${place}`, text, put)),
  ]);
}

/** Some of the combinations; the same ones each time. */
function mixed(count: number): readonly Payload[] {
  const pick = fc.tuple(
    fc.constantFrom(...entries(markupAttacks), ...entries(textAttacks)),
    fc.constantFrom(...entries(writings).slice(1)),
    fc.constantFrom(...entries(places).slice(1)),
    fc.constantFrom(...entries(writings)),
  );
  return fc
    .sample(pick, { numRuns: count, seed: 20 })
    .map(([[attack, text], [writing, write], [place, put], [again, rewrite]]) =>
      named(`${attack}, ${writing}, ${again}, ${place}`, text, (one) => put(rewrite(write(one)))),
    );
}

function addresses(): readonly Payload[] {
  return refusedAddresses.flatMap((address, index) =>
    entries(linkForms).map(([form, write]) => named(`address ${index} ${form}`, address, write)),
  );
}

function formulas(): readonly Payload[] {
  const frames: Readonly<Record<string, (text: string) => string>> = {
    inline: (text) => `$${text}$`,
    'on lines': (text) => `$$\n${text}\n$$`,
    'in brackets': (text) => `\\(${text}\\) \\[${text}\\]`,
    'as code': (text) => `\`\`\`math\n${text}\n\`\`\``,
  };
  return entries(formulaAttacks).flatMap(([attack, text]) =>
    entries(frames).map(([frame, put]) => named(`formula ${attack}, ${frame}`, text, put)),
  );
}

function texts(): readonly Payload[] {
  const put = ['alone', 'in a table', 'as words of a link', 'in a list'] as const;
  return entries(textAttacks).flatMap(([attack, text]) =>
    put.map((place) => named(`${attack}, ${place}`, text, (one) => places[place]?.(one) ?? one)),
  );
}

/** Whether to try all texts. */
export const wholeCorpus = Number(process.env['WYVERN_FUZZ_SCALE'] ?? 1) > 1;

/** Different texts: one in three, or all. */
export function corpus(whole = wholeCorpus): readonly Payload[] {
  const all = [...markup(), ...mixed(400), ...addresses(), ...formulas(), ...texts()];
  const different = [...new Map(all.map((payload) => [payload.text, payload])).values()];
  return whole ? different : different.filter((_, index) => index % 3 === 0);
}

/** Tries texts together. After a failure it bisects them until it can name the first text that fails. */
export async function blame(
  payloads: readonly Payload[],
  attempt: (payloads: readonly Payload[]) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const findings = await attempt(payloads);
  const names = payloads.map(({ name }) => name);
  if (findings.length === 0 || payloads.length <= 1) return findings.map((finding) => `${names.join()}: ${finding}`);
  const middle = payloads.length >> 1;
  for (const half of [payloads.slice(0, middle), payloads.slice(middle)]) {
    const found = await blame(half, attempt);
    if (found.length > 0) return found;
  }
  return findings.map((finding) => `${names.join(' and ')}, together: ${finding}`);
}

export function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
