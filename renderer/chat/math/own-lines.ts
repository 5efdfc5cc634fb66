/**
 * Moves the marks of display formulas at the start of a line to lines of their own, as the parser requires. Otherwise
 * `\[x\] holds` would make the rest of the text one formula. Code fences do not change.
 */
export function formulasOnOwnLines(text: string): string {
  if (!text.includes('$$') && !text.includes('\\[')) return text;
  const lines: string[] = [];
  let fence: string | undefined;
  let end: string | undefined;
  for (const line of text.split('\n')) {
    const mark = end === undefined ? fenceMark.exec(line)?.[1] : undefined;
    if (mark !== undefined) fence = fence === undefined ? mark : mark.startsWith(fence) ? undefined : fence;
    const begins = fence === undefined && end === undefined ? displayStart.exec(line) : null;
    if (begins) {
      const [, margin = '', open = ''] = begins;
      end = endOf(open);
      lines.push(margin + open);
    }
    if (end === undefined) {
      lines.push(line);
      continue;
    }
    const margin = /^[\s>]*/.exec(line)?.[0] ?? '';
    const body = begins?.[3] ?? line.slice(margin.length);
    const at = body.indexOf(end);
    if (at < 0 && !begins) {
      lines.push(line);
      continue;
    }
    const pieces = at < 0 ? [body] : [body.slice(0, at), end, body.slice(at + end.length)];
    lines.push(...pieces.filter((piece) => piece.trim() !== '').map((piece) => margin + piece.trim()));
    if (at >= 0) end = undefined;
  }
  return lines.join('\n');
}

/**
 * @param open Closing mark of the display formula that the previous line left open
 * @returns the closing mark that this line leaves open
 */
export function formulaEndAfter(line: string, open: string | undefined): string | undefined {
  const begins = open === undefined ? displayStart.exec(line) : null;
  const end = open ?? (begins && endOf(begins[2]));
  if (end == null) return undefined;
  return (begins?.[3] ?? line).includes(end) ? undefined : end;
}

function endOf(start: string | undefined): string {
  return start === '$$' ? '$$' : '\\]';
}

const fenceMark = /^\s*(?:[-*+]\s+|\d{1,9}[.)]\s+)?(`{3,}|~{3,})/;
/** Captures the margin, the mark and the rest of the line. */
const displayStart = /^([\s>]*)(\$\$|\\\[)(.*)$/;
