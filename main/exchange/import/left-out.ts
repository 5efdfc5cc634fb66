import type { LeftOut, LeftOutKind } from '../../../preload/contract.ts';

/** Texts kept for the report, of each kind. */
const mostTexts = 50;
const longestText = 500;

/** The parts of a file that Wyvern does not import: how many of each kind, with their text. */
export class LeftOutTally {
  readonly #kinds = new Map<LeftOutKind, { count: number; readonly texts: string[] }>();

  /** @param text names the part, or is its text; the same text is listed once */
  add(kind: LeftOutKind, text = ''): void {
    this.#add(kind, 1, [text]);
  }

  addAll(other: LeftOutTally): void {
    for (const [kind, { count, texts }] of other.#kinds) this.#add(kind, count, texts);
  }

  /** The largest count first. */
  list(): readonly LeftOut[] {
    return [...this.#kinds]
      .map(([kind, { count, texts }]) => ({ kind, count, texts }))
      .sort((one, other) => other.count - one.count);
  }

  #add(kind: LeftOutKind, count: number, texts: readonly string[]): void {
    const known = this.#kinds.get(kind) ?? { count: 0, texts: [] };
    known.count += count;
    this.#kinds.set(kind, known);
    for (const text of texts) {
      const short = text.slice(0, longestText).toWellFormed().trim();
      if (short !== '' && known.texts.length < mostTexts && !known.texts.includes(short)) known.texts.push(short);
    }
  }
}
