/**
 * Cuts Markdown into top-level blocks while it streams. A block that is finished never changes again, so the window
 * parses only the last one as text arrives; code fences become blocks of their own, so that a half-written fence looks
 * like code from its first line.
 *
 * A cut is made only where CommonMark would end the block anyway (a blank line before an unindented line that does not
 * continue a list, a heading, a fence). The one liberty: while a text grows, definitions of links and footnotes are not
 * known to other blocks, and stand there as they were written.
 */
import { formulaEndAfter } from './math/own-lines.ts';

export type Block =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** All of the text: what is defined in it is defined for all who refer to it. */
      readonly whole?: true;
    }
  | { readonly kind: 'code'; readonly text: string; readonly language: string; readonly closed: boolean };

interface Fence {
  readonly marker: string;
  readonly indent: number;
  readonly language: string;
}

/**
 * A block longer than this is cut at the next line that allows it, and a line longer than this at its next space: the
 * work of one frame stays bounded, whatever a model does.
 */
const longBlockCharacters = 4000;

/** As in CommonMark; a carriage return that came last may be half of one. */
const lineEnd = /\r\n|\n|\r(?!$)/;
const fenceStart = /^( {0,3})(`{3,}|~{3,})\s*(.*?)\s*$/;
const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const heading = /^#{1,6}(?:\s|$)/;
const maybeFence = /^ {0,3}(?:`+|~+)$/;

export class MarkdownBlocks {
  readonly #done: Block[] = [];
  #fence: Fence | undefined;
  #lines = '';
  /** The last line, not ended yet. */
  #rest = '';
  #isList = false;
  #nested: string | undefined;
  /** What ends the display formula that is open. */
  #formulaEnd: string | undefined;
  #afterBlank = false;

  append(text: string): void {
    const lines = (this.#rest + text).split(lineEnd);
    const rest = lines.pop() ?? '';
    for (const line of lines) this.#take(this.#cutLong(line));
    this.#rest = this.#cutLong(rest);
  }

  /**
   * Finished blocks and the one in work. While `streaming`, the start of what may become a fence is held back, so that
   * loose backticks do not flicker on the screen.
   */
  blocks(streaming: boolean): readonly Block[] {
    const rest = streaming && maybeFence.test(this.#rest) ? '' : this.#rest;
    if (this.#fence) {
      if (!streaming && closes(this.#fence, rest)) return [...this.#done, this.#code(this.#lines, true)];
      return [...this.#done, this.#code(this.#lines + unindent(rest, this.#fence.indent), !streaming)];
    }
    const started = openingFence(rest);
    if (started && !this.#isList) {
      const code: Block = { kind: 'code', text: '', language: streaming ? '' : started.language, closed: !streaming };
      return this.#lines.trim() ? [...this.#done, { kind: 'text', text: this.#lines }, code] : [...this.#done, code];
    }
    if (rest.trim() && this.#cutsBefore(rest) && this.#lines.trim()) {
      return [...this.#done, { kind: 'text', text: this.#lines }, { kind: 'text', text: rest }];
    }
    const text = this.#lines + rest;
    return text.trim() ? [...this.#done, { kind: 'text', text }] : [...this.#done];
  }

  /** @returns What is left of the line after its long beginnings became blocks. */
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
      if (closes(this.#fence, line)) {
        this.#done.push(this.#code(this.#lines, true));
        this.#fence = undefined;
        this.#lines = '';
      } else {
        this.#lines += `${unindent(line, this.#fence.indent)}\n`;
      }
      return;
    }
    if (!line.trim()) {
      this.#afterBlank = this.#formulaEnd === undefined;
      if (this.#lines) this.#lines += `${line}\n`;
      return;
    }
    const fence = this.#formulaEnd === undefined ? openingFence(line) : undefined;
    if (this.#cutsBefore(line) || (fence && !this.#isList)) this.#endText();
    if (fence && !this.#isList) {
      this.#fence = fence;
      return;
    }
    if (!this.#lines) this.#isList = listItem.test(line);
    this.#followNestedFence(line);
    if (this.#nested === undefined) this.#formulaEnd = formulaEndAfter(line, this.#formulaEnd);
    this.#lines += `${line}\n`;
    this.#afterBlank = false;
  }

  /** A fence inside a list item: lines in it, blank or not, belong to the item until it closes or the item ends. */
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

  #code(text: string, closed: boolean): Block {
    return { kind: 'code', text: text.replace(/\n$/, ''), language: this.#fence?.language ?? '', closed };
  }
}

/** `[1]: https://…` and `[^1]: a footnote`. */
const definitions = /^( {0,3})(?=\[[^[\]\n]+\]:[ \t]*\S)/gm;
/** A longer text with definitions is cut all the same: some texts take the parser a time that grows with their square. */
const longDefiningCharacters = 6000;

/** All blocks of a finished text; a single one where a part defines what others refer to. */
export function markdownBlocks(text: string): readonly Block[] {
  const blocks = new MarkdownBlocks();
  blocks.append(text);
  const all = blocks.blocks(false);
  const defines = all.some((block) => block.kind === 'text' && block.text.search(definitions) >= 0);
  const isShort =
    text.length <= longDefiningCharacters && text.split('\n').every(({ length }) => length <= longBlockCharacters);
  return defines && isShort ? [{ kind: 'text', text, whole: true }] : all;
}

/**
 * What is drawn of a text block. That of a part shows its definitions: nobody refers to them, and without that they would be
 * nothing.
 */
export function shownMarkdown({ text, whole }: { readonly text: string; readonly whole?: true | undefined }): string {
  return whole ? text : text.replaceAll(definitions, '$1\\');
}

function openingFence(line: string): Fence | undefined {
  const match = fenceStart.exec(line);
  const [, indent = '', marker = '', info = ''] = match ?? [];
  if (!match || (marker.startsWith('`') && info.includes('`'))) return undefined;
  return { marker, indent: indent.length, language: (info.split(/[\s{]/, 1)[0] ?? '').toLowerCase() };
}

function closes(fence: Fence, line: string): boolean {
  const trimmed = line.trim();
  return trimmed.startsWith(fence.marker) && /^(`+|~+)$/.test(trimmed) && /^ {0,3}\S/.test(line);
}

function unindent(line: string, columns: number): string {
  let cut = 0;
  while (cut < columns && line[cut] === ' ') cut++;
  return line.slice(cut);
}
