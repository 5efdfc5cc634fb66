import { describe, expect, test } from 'vitest';
import { zip } from '../testing/zip.ts';
import { readDocument } from './read.ts';
import { fixture } from './testing.ts';

const fact = 'High water at Cuxhaven is at noon.';
const table = '| Place | Time |\n| --- | --- |\n| Cuxhaven | 12:00 |\n| Hamburg \\| Altona | 16:10 |';

async function textOf(kind: Parameters<typeof readDocument>[0]['kind'], content: Uint8Array | string): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const outcome = await readDocument({ kind, bytes });
  if (!outcome.ok) throw new Error(`${outcome.fault}: ${outcome.detail ?? ''}`);
  return outcome.text;
}

describe('documents of other programs', () => {
  test('Word: headings, tables and characters of every script, without the header', async () => {
    expect(await textOf('docx', fixture('tides.docx'))).toBe(
      `# Tides of the Elbe\n\n${fact}\n\nSpring tide\n\nNeap tide\n\n${table}\n\nGröße: 25 € – 潮汐`,
    );
  });

  test('PowerPoint: slides with their numbers, and the speaker’s notes', async () => {
    expect(await textOf('pptx', fixture('tides.pptx'))).toBe(
      `[Slide 1]\n\n# Tides\n\n${fact}\n\n[Slide 2]\n\n# Harbours\n\nHamburg is far from the sea.\n\n[Note] Mention the lock.`,
    );
  });

  test('Excel: sheets as tables, without empty rows, columns and sheets', async () => {
    expect(await textOf('xlsx', fixture('budget.xlsx'))).toBe(
      '[Sheet: Budget]\n\n| Item | Cost |\n| --- | --- |\n| Rope | 12.5 |\n| Anchor | 80 |',
    );
  });

  test('OpenDocument, EPUB', async () => {
    expect(await textOf('odt', fixture('tides.odt'))).toBe(`# Tides of the Elbe\n\n${fact}`);
    expect(await textOf('epub', fixture('tides.epub'))).toBe(`# Chapter 1\n\n${fact}\n\n# Chapter 2\n\nEbb & flow.`);
  });

  test('PDF: pages with their numbers, lines and paragraphs', async () => {
    const page = (number: number, text: string): string =>
      `[Page ${number}]\n\n${text}\nThe line below.\n\nA new paragraph.`;
    expect(await textOf('pdf', fixture('tides.pdf'))).toBe(
      [page(1, fact), page(2, 'Hamburg'), page(3, 'The end.')].join('\n\n'),
    );
  });

  test('web pages: no scripts, styles or attributes', async () => {
    const page =
      '<title>T</title><style>p{color:red}</style><script>steal()</script><h1>Tides</h1><p onclick="steal()">At <b>noon</b>.</p>' +
      '<ul><li>Spring</li><li>Neap</li></ul><table><tr><th>Place</th></tr><tr><td>Cuxhaven</td></tr></table>';
    expect(await textOf('html', page)).toBe(
      '# Tides\n\nAt noon.\n\n- Spring\n- Neap\n\n| Place |\n| --- |\n| Cuxhaven |',
    );
  });

  test('RTF', async () => {
    expect(await textOf('rtf', '{\\rtf1\\ansi High water at noon.\\par Ebb.}')).toContain('High water at noon.');
  });
});

describe('refusals', () => {
  const faultOf = async (kind: 'pdf' | 'docx' | 'xlsx', bytes: Uint8Array): Promise<string | undefined> => {
    const outcome = await readDocument({ kind, bytes });
    return outcome.ok ? undefined : outcome.fault;
  };

  test('a password, and the container that Office keeps protected and old files in', async () => {
    expect(await faultOf('pdf', fixture('protected.pdf'))).toBe('protected');
    expect(await faultOf('docx', Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1))).toBe('protected');
  });

  test('pages without text', async () => {
    expect(await faultOf('pdf', fixture('empty.pdf'))).toBe('without-text');
  });

  test('another kind of file, and nothing', async () => {
    expect(await faultOf('docx', fixture('tides.pdf'))).toBe('unreadable');
    expect(await faultOf('pdf', fixture('tides.docx'))).toBe('unreadable');
    expect(await faultOf('xlsx', new Uint8Array())).toBe('unreadable');
  });

  test('more pages than any context takes', async () => {
    const count = 20_001;
    const page = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>';
    const kids = Array.from({ length: count }, () => '3 0 R').join(' ');
    const tree = `<< /Type /Pages /Count ${count} /Kids [${kids}] >>`;
    const pdf = pdfOf(['<< /Type /Catalog /Pages 2 0 R >>', tree, page]);
    expect(await faultOf('pdf', new TextEncoder().encode(pdf))).toBe('too-large');
  });

  test('an archive with more files than any document has', async () => {
    const entries = Array.from({ length: 10_001 }, (_, index) => ({ name: `word/${index}.xml`, data: '', method: 0 }));
    expect(await faultOf('docx', zip(entries))).toBe('too-large');
  });
});

/** A PDF with these objects, the first of which is its catalogue. */
function pdfOf(objects: readonly string[]): string {
  let text = '%PDF-1.4\n';
  const places = objects.map((content, index) => {
    const place = text.length;
    text += `${index + 1} 0 obj\n${content}\nendobj\n`;
    return `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${places.join('')}`;
  return `${text}${table}trailer\n<< /Root 1 0 R /Size ${size} >>\nstartxref\n${text.length}\n%%EOF\n`;
}
