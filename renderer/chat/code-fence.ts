/** Fenced code at the top level of an answer, line by line. */

interface Fence {
  readonly marker: string;
  readonly indent: number;
  /** First word of the info string, in lower case. */
  readonly language: string;
}

/** What a line did: the fence is still open, the line closed it, or the line before had closed it. */
type Outcome = 'open' | 'closed' | 'closed-before';

const fenceStart = /^( {0,3})(`{3,}|~{3,})\s*(.*?)\s*$/;
const markdown = new Set(['markdown', 'md', 'mdx', 'qmd', 'rmd']);

/** The fence that a line opens; undefined if it opens none. */
export function openingFence(line: string): Fence | undefined {
  const match = fenceStart.exec(line);
  const [, indent = '', marker = '', info = ''] = match ?? [];
  if (!match || (marker.startsWith('`') && info.includes('`'))) return undefined;
  return { marker, indent: indent.length, language: (info.split(/[\s{]/, 1)[0] ?? '').toLowerCase() };
}

function closes(fence: Fence, line: string): boolean {
  const trimmed = line.trim();
  return trimmed.startsWith(fence.marker) && /^(`+|~+)$/.test(trimmed) && /^ {0,3}\S/.test(line);
}

/**
 * An open fence and its code.
 *
 * Models write whole documents into a fence of Markdown without making it longer than the fences inside. CommonMark ends
 * the outer fence at the first bare mark inside; readers expect one block. So inside Markdown, a fence with an info
 * string opens an inner fence, and a bare mark opens one if it follows a blank line and precedes a line with text.
 */
export class OpenFence {
  readonly #fence: Fence;
  /** Whether bare marks may open inner fences. */
  readonly #bareOpens: boolean;
  readonly #inner: { readonly fence: Fence; readonly bare: boolean }[] = [];
  #code = '';
  #afterBlank = false;
  /** A bare mark after a blank line: the next line decides what it does. */
  #undecided: string | undefined;

  constructor(fence: Fence, bareOpens: boolean) {
    this.#fence = fence;
    this.#bareOpens = bareOpens;
  }

  get language(): string {
    return this.#fence.language;
  }

  /** A bare mark opened an inner fence that is not closed. It may have been the end of the outer one. */
  get leftBareOpen(): boolean {
    return this.#undecided !== undefined || this.#inner.some(({ bare }) => bare);
  }

  /** Takes a complete line. If the line before had closed the fence, this line is not part of the code. */
  take(line: string): Outcome {
    if (this.#undecided !== undefined) {
      const mark = this.#undecided;
      this.#undecided = undefined;
      const fence = openingFence(mark);
      if (line.trim() === '' || !fence) return 'closed-before';
      this.#inner.push({ fence, bare: true });
      this.#add(mark);
    }
    const inner = this.#inner.at(-1);
    if (inner && closes(inner.fence, line)) this.#inner.pop();
    else if (!inner && closes(this.#fence, line)) {
      if (!this.#bareOpens || !this.#isMarkdown() || !this.#afterBlank) return 'closed';
      this.#undecided = line;
      return 'open';
    } else this.#openInner(line);
    this.#add(line);
    return 'open';
  }

  /** The code with the line in progress. */
  text(rest: string): string {
    return (this.#code + (this.#undecided === undefined ? this.#unindent(rest) : '')).replace(/\n$/, '');
  }

  /** Whether the fence ends with `rest`, the last line of the text. */
  endsWith(rest: string): boolean {
    if (this.#undecided !== undefined) return rest.trim() === '';
    return this.#inner.length === 0 && closes(this.#fence, rest);
  }

  #isMarkdown(): boolean {
    return markdown.has((this.#inner.at(-1)?.fence ?? this.#fence).language);
  }

  #openInner(line: string): void {
    const fence = this.#isMarkdown() ? openingFence(line) : undefined;
    // Other marks, and shorter ones, cannot close the outer fence.
    if (fence !== undefined && fence.language !== '' && fence.marker.startsWith(this.#fence.marker))
      this.#inner.push({ fence, bare: false });
  }

  #add(line: string): void {
    this.#code += `${this.#unindent(line)}\n`;
    this.#afterBlank = line.trim() === '';
  }

  #unindent(line: string): string {
    let cut = 0;
    while (cut < this.#fence.indent && line[cut] === ' ') cut++;
    return line.slice(cut);
  }
}
