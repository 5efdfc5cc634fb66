/**
 * Holds back the end of a growing text while its kind of block is open. `-` may become a list item, a rule or a word; a
 * row of cells may become a table. Nothing on the screen then changes its kind when the next token arrives.
 */

/** Only marks so far, after the marks of quotes and list items. */
const onlyMarks =
  /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:[-+*_=~`#|\\$>[\s]*|\d{1,9}[.)]?|\[[^\]]{0,60}(?:\]:?)?)\s*$/;
/** Half of a tag, of a closing `$$` or of a closing `\]`. */
const openEnd = /(?:<\/?(?:[a-z][a-z\d-]{0,20})?|<br\s*\/?|(?<!\$)\$|\\)$/i;

/** Whether the last line of a growing text could still become another kind of block. */
export function isUndecided(line: string): boolean {
  return onlyMarks.test(line);
}

const prefix = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/;
const delimiterRow = /^(?=.*[-:])[\s|:-]+$/;
/** A growing text without a table whose delimiter row is not complete, and without half a mark at its end. */
export function withoutOpenEnd(text: string): string {
  const lines = text.split('\n');
  const last = lines.at(-1) ?? '';
  const before = lines.at(-2) ?? '';
  if (!isInTable(lines)) {
    if (isHeaderRow(before) && /^[\s>|:-]*$/.test(last)) return lines.slice(0, -2).join('\n');
    if (isHeaderRow(last)) return lines.slice(0, -1).join('\n');
  }
  return text.replace(openEnd, '');
}

/** Whether the last line continues a table: a complete delimiter row stands in the lines above, without a blank line. */
function isInTable(lines: readonly string[]): boolean {
  for (let index = lines.length - 2; index > 0; index--) {
    const row = bodyOf(lines[index] ?? '');
    if (row === '') return false;
    if (delimiterRow.test(row) && (lines[index - 1] ?? '').includes('|')) return true;
  }
  return false;
}

function isHeaderRow(line: string): boolean {
  return bodyOf(line).startsWith('|');
}

function bodyOf(line: string): string {
  return line.replace(prefix, '').trim();
}

const definition = /^ {0,3}\[(?!\^)[^\]]+\]:[ \t]*(?:<[^>]*>|\S+)?(?:[ \t]+(?:"[^"]*"?|'[^']*'?|\([^)]*\)?))?[ \t]*$/;
const footnote = /^ {0,3}\[\^[^\]\s]+\]:/;

/**
 * A growing text without its definitions of links and footnotes. They are not known to other blocks before the text is
 * finished; drawn as text until then, they would vanish in the end.
 */
export function withoutDefinitions(text: string): string {
  if (!text.includes(']:')) return text;
  const kept: string[] = [];
  let above: 'blank' | 'text' | 'definition' | 'footnote' = 'blank';
  for (const line of text.split('\n')) {
    if (line.trim() === '') above = 'blank';
    else if (footnote.test(line)) above = 'footnote';
    else if (above !== 'text' && above !== 'footnote' && definition.test(line)) above = 'definition';
    else if (above !== 'footnote') above = 'text';
    if (above === 'blank' || above === 'text') kept.push(line);
  }
  return kept.join('\n');
}
