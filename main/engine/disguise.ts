/**
 * Prevents text of people and models from becoming control tokens. The chat template still sees real text.
 *
 * A rendered prompt is one string, and `<|im_end|>` typed by a person looks like the template's own. So before rendering,
 * `hide` replaces the markup characters of control tokens (`<`, `|`, `>`, …) in message contents, one for one, by private-use
 * characters that occur nowhere in the conversation. The prompt is then cut at the control tokens in the rendered text, where
 * contents cannot match. The original characters are restored before the text between the control tokens is encoded. Characters
 * map one to one and white space does not change. So templates that trim, measure, split or test contents still work, and text
 * next to a content is encoded together with the content, as in training.
 */
import { escapePattern } from './tokenizer/literal-finder.ts';
import { allMarks } from './thoughts/form.ts';
import type { ControlLiteral } from './tokenizer/tokenizer.ts';

export interface Disguise {
  /** For contents by a person: no part can match a control token. */
  hide(content: string): string;
  /**
   * For contents by the model. Tokens that its tokenizer does not count as special were tokens when the model wrote them, so
   * they stay recognisable. The marks of a thought do not: a thought comes apart from its answer, and an answer that mentions
   * a mark must not be cut there by the template.
   */
  hideAnswer(content: string): string;
  reveal(text: string): string;
}

/** Private-use characters: first those of one UTF-16 unit, then plane 15. */
function* privateUse(): Generator<string> {
  for (let code = 0xe000; code <= 0xf8ff; code++) yield String.fromCodePoint(code);
  for (let code = 0xf0000; code <= 0xffffd; code++) yield String.fromCodePoint(code);
}

/**
 * @param literals the control tokens of the tokenizer
 * @param taken texts that may already use private-use characters: contents and the template
 * @returns undefined if the texts use up all private-use characters
 */
export function disguiseFor(literals: readonly ControlLiteral[], taken: readonly string[]): Disguise | undefined {
  // If a message had the mark of a thought, the template would cut thought and answer at the wrong place.
  const hidden = [...literals.map(({ content }) => content), ...allMarks];
  const alphabet = new Set(hidden.flatMap(tellingCharacters));
  for (const character of becoming(literals, taken)) alphabet.add(character);
  const used = new Set(taken.flatMap((text) => text.match(/[\ue000-\uf8ff\u{f0000}-\u{ffffd}]/gu) ?? []));
  const free = privateUse();
  const masks = new Map<string, string>();
  for (const character of alphabet) {
    let next = free.next();
    while (next.done !== true && used.has(next.value)) next = free.next();
    if (next.done === true) return undefined;
    masks.set(character, next.value);
  }
  const faces = new Map([...masks].map(([character, mask]) => [mask, character]));
  const hide = replacer(masks);
  const marks = literals
    .filter(({ content, special }) => !special && !allMarks.includes(content))
    .map(({ content }) => escapePattern(content));
  const markPattern =
    marks.length === 0 ? undefined : new RegExp(`(${marks.sort((a, b) => b.length - a.length).join('|')})`);
  return {
    hide,
    hideAnswer: (content) =>
      markPattern === undefined
        ? hide(content)
        : content
            .split(markPattern)
            .map((part, index) => (index % 2 === 1 ? part : hide(part)))
            .join(''),
    reveal: replacer(faces),
  };
}

/** Characters that a normalizer turns into characters of a literal, e.g. the full-width `＜`. */
function becoming(literals: readonly ControlLiteral[], taken: readonly string[]): readonly string[] {
  const normalized = literals.filter(({ normalize }) => normalize !== undefined);
  if (normalized.length === 0) return [];
  const telling = new Set(
    normalized.flatMap(({ content, normalize }) => tellingCharacters(normalize?.(content) ?? '')),
  );
  const [{ normalize } = {}] = normalized;
  return [...new Set(taken.flatMap((text) => Array.from(text)))].filter(
    (character) =>
      character.trim() !== '' && Array.from(normalize?.(character) ?? '').some((written) => telling.has(written)),
  );
}

/** Characters that the literal needs: its markup, or all its characters if it has no markup. */
function tellingCharacters(literal: string): string[] {
  const markup = literal.match(/[<>[\]{}|｜]/gu);
  return markup ?? Array.from(literal).filter((character) => character.trim() !== '');
}

function replacer(characters: ReadonlyMap<string, string>): (text: string) => string {
  if (characters.size === 0) return (text) => text;
  const pattern = new RegExp(`[${[...characters.keys()].map(escapePattern).join('')}]`, 'gu');
  return (text) => text.replace(pattern, (character) => characters.get(character) ?? character);
}
