/**
 * Cuts Markdown into top-level blocks while it streams. A finished block never changes again, so the window parses only
 * the last one when text arrives. Code fences are blocks of their own, and show as code from their first line.
 *
 * A cut is made only where CommonMark ends a block anyway: at a blank line before an unindented line that does not
 * continue a list, at a heading, at a fence. There is one exception: while a text grows, its definitions of links and
 * footnotes are not known to other blocks.
 */
import { OpenFence, openingFence } from './code-fence.ts';
import { isUndecided, withoutDefinitions, withoutOpenEnd } from './markdown-holding.ts';
import { formulaEndAfter } from './math/own-lines.ts';

export type Block =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** The block is the whole text, so that all of it can refer to its definitions. */
      readonly whole?: true;
    }
  | { readonly kind: 'code'; readonly text: string; readonly language: string; readonly closed: boolean };

/**
 * A longer block is cut at the next line that allows it, and a longer line at its next space. This bounds the work of one
 * frame for any text.
 */
const longBlockCharacters = 4000;

/** As in CommonMark. A carriage return at the end of the text may be half of a line end. */
const lineEnd = /\r\n|\n|\r(?!$)/;
const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const heading = /^#{1,6}(?:\s|$)/;
const maybeFence = /^ {0,3}(?:`+|~+)$/;

export class MarkdownBlocks {
  readonly #done: Block[] = [];
  readonly #bareOpens: boolean;
  #fence: OpenFence | undefined;
  #lines = '';
  /** The last line, without its end. */
  #rest = '';
  #isList = false;
  #nested: string | undefined;
  /** Closing mark of the open display formula. */
  #formulaEnd: string | undefined;
  #afterBlank = false;

  /** @param bareOpens Whether bare marks may open fences inside a fence of Markdown; see {@link OpenFence} */
  constructor(bareOpens = true) {
    this.#bareOpens = bareOpens;
  }

  /** See {@link OpenFence.leftBareOpen}. */
  get leftBareOpen(): boolean {
    return this.#fence?.leftBareOpen ?? false;
  }

  append(text: string): void {
    const lines = (this.#rest + text).split(lineEnd);
    const rest = lines.pop() ?? '';
    for (const line of lines) this.#take(this.#cutLong(line));
    this.#rest = this.#cutLong(rest);
  }

  /**
   * The finished blocks and the one in progress. While `streaming`, the end of the text is held back as long as its kind
   * of block is open.
   */
  blocks(streaming: boolean): readonly Block[] {
    if (this.#fence) {
      const rest = streaming && maybeFence.test(this.#rest) ? '' : this.#rest;
      const ended = !streaming && this.#fence.endsWith(rest);
      return [...this.#done, codeOf(this.#fence, ended ? '' : rest, !streaming)];
    }
    const rest = streaming && isUndecided(this.#rest) ? '' : this.#rest;
    const started = openingFence(rest);
    if (started && !this.#isList) {
      const code: Block = { kind: 'code', text: '', language: streaming ? '' : started.language, closed: !streaming };
      return [...this.#done, ...textOf(this.#lines), code];
    }
    if (rest.trim() && this.#cutsBefore(rest)) {
      return [...this.#done, ...textOf(this.#lines), ...textOf(streaming ? withoutOpenEnd(rest) : rest)];
    }
    const text = this.#lines + rest;
    return [...this.#done, ...textOf(streaming ? withoutOpenEnd(text) : text)];
  }

  /** Makes blocks of the beginnings of a long line. @returns the rest of the line */
  #cutLong(line: string): string {
    let rest = line;
    for (let space; !this.#fence && (space = rest.indexOf(' ', longBlockCharacters)) >= 0;) {
      this.#take(rest.slice(0, space));
      this.#endText();
      rest = rest.slice(space + 1);
    }
    return rest;
  }

  #take(line: string): void {
    if (this.#fence) {
      const outcome = this.#fence.take(line);
      if (outcome === 'open') return;
      this.#done.push(codeOf(this.#fence, '', true));
      this.#fence = undefined;
      if (outcome === 'closed') return;
    }
    if (!line.trim()) {
      this.#afterBlank = this.#formulaEnd === undefined;
      if (this.#lines) this.#lines += `${line}\n`;
      return;
    }
    const fence = this.#formulaEnd === undefined ? openingFence(line) : undefined;
    if (this.#cutsBefore(line) || (fence && !this.#isList)) this.#endText();
    if (fence && !this.#isList) {
      this.#fence = new OpenFence(fence, this.#bareOpens);
      return;
    }
    if (!this.#lines) this.#isList = listItem.test(line);
    this.#followNestedFence(line);
    if (this.#nested === undefined) this.#formulaEnd = formulaEndAfter(line, this.#formulaEnd);
    this.#lines += `${line}\n`;
    this.#afterBlank = false;
  }

  /** Follows a fence inside a list item. Its lines belong to the item until the fence closes or the item ends. */
  #followNestedFence(line: string): void {
    const marker = /^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}|~{3,})/.exec(line)?.[1];
    if (this.#nested === undefined) {
      if (marker !== undefined && this.#isList) this.#nested = marker;
    } else if (marker?.startsWith(this.#nested) || /^\S/.test(line)) {
      this.#nested = undefined;
    }
  }

  #cutsBefore(line: string): boolean {
    if (!this.#lines || /^\s/.test(line)) return false;
    const long = this.#lines.length > longBlockCharacters;
    if (this.#formulaEnd !== undefined) return long;
    if (this.#isList && listItem.test(line)) return long;
    if (heading.test(line)) return true;
    return this.#afterBlank || (long && !line.startsWith('|'));
  }

  #endText(): void {
    if (this.#lines.trim()) this.#done.push({ kind: 'text', text: this.#lines });
    this.#lines = '';
    this.#isList = false;
    this.#nested = undefined;
    this.#formulaEnd = undefined;
    this.#afterBlank = false;
  }
}

function textOf(text: string): readonly Block[] {
  return text.trim() ? [{ kind: 'text', text }] : [];
}

function codeOf(fence: OpenFence, rest: string, closed: boolean): Block {
  return { kind: 'code', text: fence.text(rest), language: fence.language, closed };
}

/** `[1]: https://…` and `[^1]: a footnote`. */
const definitions = /^( {0,3})(?=\[[^[\]\n]+\]:[ \t]*\S)/gm;
/** A longer text is cut in spite of its definitions, because the parser's time can grow with the square of the length. */
const longDefiningCharacters = 6000;

/** The blocks of a finished text: a single one if a part defines links or footnotes for others. */
export function markdownBlocks(text: string): readonly Block[] {
  const all = finishedBlocks(text);
  const defines = all.some((block) => block.kind === 'text' && block.text.search(definitions) >= 0);
  const isShort =
    text.length <= longDefiningCharacters && text.split('\n').every(({ length }) => length <= longBlockCharacters);
  return defines && isShort ? [{ kind: 'text', text, whole: true }] : all;
}

function finishedBlocks(text: string): readonly Block[] {
  const blocks = new MarkdownBlocks();
  blocks.append(text);
  if (!blocks.leftBareOpen) return blocks.blocks(false);
  // The bare mark ended the outer fence after all.
  const plain = new MarkdownBlocks(false);
  plain.append(text);
  return plain.blocks(false);
}

/**
 * The Markdown to draw for a text block. A part of a text shows its definitions as text, because nothing refers to them
 * there; a text that still grows hides them, because the finished text may use them.
 */
export function shownMarkdown(
  { text, whole }: { readonly text: string; readonly whole?: true | undefined },
  growing = false,
): string {
  if (whole) return text;
  return growing ? withoutDefinitions(text) : text.replaceAll(definitions, '$1\\');
}
