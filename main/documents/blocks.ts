/**
 * The text of a document as Markdown: headings, lists, tables and code keep their form. Pages, slides and sheets begin with a
 * line that names them, so that a model can say where it read something.
 */
import type { OfficeContentNode } from 'officeparser/slim';

/** Deeper elements are left out. No real document comes near. */
const maxDepth = 64;

/** @returns the text without empty lines at its ends */
export function textOfBlocks(nodes: readonly OfficeContentNode[]): string {
  return blocksOf(nodes, 0).join('\n\n').trim();
}

function blocksOf(nodes: readonly OfficeContentNode[], depth: number): string[] {
  if (depth > maxDepth) return [];
  const blocks: string[] = [];
  let items: string[] = [];
  const endList = (): void => {
    if (items.length > 0) blocks.push(items.join('\n'));
    items = [];
  };
  for (const node of nodes) {
    if (node.type === 'list') {
      items.push(...itemLines(node, depth));
      continue;
    }
    endList();
    blocks.push(...blockOf(node, depth).filter((block) => block.trim() !== ''));
  }
  endList();
  return blocks;
}

/** Masters repeat on each slide; the others have no text of the document itself. */
const leftOut: ReadonlySet<OfficeContentNode['type']> = new Set([
  ...(['slideMaster', 'header', 'footer', 'comment'] as const),
  ...(['image', 'drawing', 'embed', 'break'] as const),
]);

function blockOf(node: OfficeContentNode, depth: number): readonly string[] {
  const { type, metadata } = node;
  if (leftOut.has(type)) return [];
  if (type === 'heading') return [...headingOf(node, depth), ...notesOf(node, depth)];
  if (type === 'table') return [tableOf(rowsOf(node), depth)];
  if (type === 'code') return [`\`\`\`\n${plain(node, depth)}\n\`\`\``];
  if (type === 'sheet') return named(`[Sheet: ${metadata?.sheetName ?? '?'}]`, [tableOf(rowsOf(node), depth)]);
  const blocks = [...inner(node, depth), ...notesOf(node, depth)];
  if (type === 'slide') return named(`[Slide ${metadata?.slideNumber ?? '?'}]`, blocks);
  return type === 'page' ? named(`[Page ${metadata?.pageNumber ?? '?'}]`, blocks) : blocks;
}

/** The text of a paragraph, or the blocks that a container has. */
function inner(node: OfficeContentNode, depth: number): readonly string[] {
  const children = node.children ?? [];
  const hasBlocks = children.some(({ type }) => type !== 'text' && type !== 'break' && type !== 'image');
  return hasBlocks ? blocksOf(children, depth + 1) : [plain(node, depth)];
}

/** The characters of a node; some formats keep them in its parts alone. */
function plain(node: OfficeContentNode, depth: number): string {
  if (node.text !== undefined && node.text !== '') return node.text;
  if (depth > maxDepth) return '';
  return (node.children ?? []).map((child) => (child.type === 'break' ? '\n' : plain(child, depth + 1))).join('');
}

/** Footnotes and a speaker's notes. */
function notesOf({ notes = [] }: OfficeContentNode, depth: number): readonly string[] {
  return notes.flatMap((note) => {
    const text = blocksOf(note.children ?? [], depth + 1).join('\n') || (note.text ?? '');
    return text.trim() === '' ? [] : [`[Note] ${text.trim()}`];
  });
}

/** A place without text is not mentioned. */
function named(name: string, blocks: readonly string[]): readonly string[] {
  const filled = blocks.filter((block) => block.trim() !== '');
  return filled.length === 0 ? [] : [name, ...filled];
}

function itemLines(node: Extract<OfficeContentNode, { type: 'list' }>, depth: number): readonly string[] {
  const { indentation = 0, listType, itemIndex } = node.metadata ?? {};
  const mark = listType === 'ordered' ? `${(itemIndex ?? 0) + 1}.` : '-';
  const [first = '', ...rest] = inner(node, depth).join('\n').split('\n');
  const margin = '  '.repeat(Math.min(maxDepth, indentation));
  return [`${margin}${mark} ${first}`, ...rest.map((line) => `${margin}  ${line}`)];
}

function rowsOf(node: OfficeContentNode): readonly OfficeContentNode[] {
  return (node.children ?? []).filter(({ type }) => type === 'row');
}

/** A table of GitHub's Markdown. Rows and columns without any text are left out. */
function tableOf(rows: readonly OfficeContentNode[], depth: number): string {
  const cells = rows
    .map((row) => (row.children ?? []).filter(({ type }) => type === 'cell').map((cell) => cellText(cell, depth)))
    .map((row, index) => placed(row, rows[index]))
    .filter((row) => row.some((cell) => cell !== ''));
  const width = cells.reduce((most, row) => Math.max(most, row.length), 0);
  const used = Array.from({ length: width }, (_, column) => column).filter((column) =>
    cells.some((row) => (row[column] ?? '') !== ''),
  );
  const lines = cells.map((row) => `| ${used.map((column) => row[column] ?? '').join(' | ')} |`);
  const [head, ...body] = lines;
  return head === undefined ? '' : [head, `|${' --- |'.repeat(used.length)}`, ...body].join('\n');
}

/** Most columns of a spreadsheet. */
const maxColumns = 16_384;

/** Puts cells into the columns that they name: a spreadsheet leaves out empty cells. */
function placed(texts: readonly string[], row: OfficeContentNode | undefined): readonly string[] {
  const result: string[] = [];
  const cells = (row?.children ?? []).filter(({ type }) => type === 'cell');
  cells.forEach((cell, index) => {
    const column = cell.type === 'cell' ? cell.metadata?.col : undefined;
    const place = column !== undefined && column >= result.length && column < maxColumns ? column : result.length;
    while (result.length < place) result.push('');
    result.push(texts[index] ?? '');
  });
  return result;
}

function cellText(cell: OfficeContentNode, depth: number): string {
  return inner(cell, depth).join(' ').replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}

function headingOf(node: Extract<OfficeContentNode, { type: 'heading' }>, depth: number): readonly string[] {
  const text = plain(node, depth).replaceAll(/\s+/g, ' ').trim();
  return text === '' ? [] : [`${'#'.repeat(Math.min(6, Math.max(1, node.metadata?.level ?? 1)))} ${text}`];
}
