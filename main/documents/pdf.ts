/** The text of a PDF, page by page. */
import { getDocumentProxy } from 'unpdf';

/** More pages would fill every context many times. */
const maxPages = 20_000;

export class TooManyPages extends Error {
  constructor() {
    super(`The document has more than ${maxPages} pages.`);
  }
}

/** pdf.js then writes nothing to the console, not even about damage. */
const silent = -1;

/** @throws TooManyPages; pdf.js's own errors, such as `PasswordException` for a protected file */
export async function textOfPdf(bytes: Uint8Array): Promise<string> {
  const document = await getDocumentProxy(bytes, {
    // A stranger's fonts are not loaded, and nothing is fetched.
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    verbosity: silent,
  });
  if (document.numPages > maxPages) throw new TooManyPages();
  const pages: string[] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    const text = linesOf(items.filter((item) => 'str' in item));
    if (text !== '') pages.push(`[Page ${number}]\n\n${text}`);
    page.cleanup();
  }
  return pages.join('\n\n');
}

/** A paragraph ends where the next line is further away than this, in heights of a line. */
const paragraphGap = 1.7;

/** The part of pdf.js's `TextItem` that is used. */
interface TextItem {
  readonly str: string;
  readonly hasEOL: boolean;
  /** The last two elements are the place of the text. */
  readonly transform: readonly unknown[];
  readonly height: number;
}

function linesOf(items: readonly TextItem[]): string {
  let text = '';
  let line: { readonly y: number; readonly height: number } | undefined;
  for (const { str, hasEOL, transform, height } of items) {
    const y = Number(transform[5] ?? 0);
    if (str !== '' && line !== undefined && height > 0) {
      const gap = Math.abs(line.y - y) / Math.max(line.height, height);
      if (gap > paragraphGap && text.endsWith('\n')) text += '\n';
    }
    text += hasEOL ? `${str}\n` : str;
    if (str !== '' && height > 0) line = { y, height };
  }
  return text
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
