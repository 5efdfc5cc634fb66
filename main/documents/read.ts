/** Reads one document into text. Runs in the process of its own. */
import { OfficeParser, type OfficeError } from 'officeparser/slim';
import type { DocumentKind } from '../../preload/contract/values.ts';
import { textOfBlocks } from './blocks.ts';
import { textOfPdf, TooManyPages } from './pdf.ts';
import type { Fault, Outcome, Task } from './protocol.ts';

/** Longest text of a message. */
const maxCharacters = 2_000_000;
const limits = {
  maxUncompressedBytes: 256 * 1024 * 1024,
  maxZipEntries: 10_000,
  maxTableCells: 1_000_000,
  maxXmlElements: 4_000_000,
};

/** First bytes of the old formats of Office, in which newer ones are kept when they have a password. */
const compoundFile = [0xd0, 0xcf, 0x11, 0xe0];

/** Never throws: a document that cannot be read is an expected result. */
export async function readDocument({ kind, bytes }: Task): Promise<Outcome> {
  if (compoundFile.every((byte, index) => bytes[index] === byte)) return { ok: false, fault: 'protected' };
  try {
    const text = cleaned(kind === 'pdf' ? await textOfPdf(bytes) : await textOfOffice(kind, bytes));
    if (text === '') return { ok: false, fault: 'without-text' };
    return text.length > maxCharacters ? { ok: false, fault: 'too-large' } : { ok: true, text };
  } catch (error) {
    return { ok: false, fault: faultOf(error), detail: error instanceof Error ? error.message : String(error) };
  }
}

async function textOfOffice(kind: Exclude<DocumentKind, 'pdf'>, bytes: Uint8Array): Promise<string> {
  const document = await OfficeParser.parseOffice(bytes, {
    fileType: kind,
    extractAttachments: false,
    includeRawContent: false,
    ocr: false,
    ignoreHeadersAndFooters: true,
    ignoreSlideMasters: true,
    ignoreComments: true,
    decompressionLimits: limits,
  });
  return textOfBlocks(document.content);
}

/** Control characters, which no text needs and which a terminal would obey. */
// eslint-disable-next-line no-control-regex -- these are the ones to remove
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

function cleaned(text: string): string {
  return text.toWellFormed().replaceAll(controls, '').trim();
}

const faults: ReadonlyMap<string, Fault> = new Map([
  ['ZIP_ENTRY_COUNT_LIMIT_EXCEEDED', 'too-large'],
  ['ZIP_SIZE_LIMIT_EXCEEDED', 'too-large'],
  ['XML_ELEMENT_LIMIT_EXCEEDED', 'too-large'],
  ['PASSWORD_REQUIRED', 'protected'],
  ['PASSWORD_INCORRECT', 'protected'],
  ['DOCUMENT_DECRYPTION_FAILED', 'protected'],
]);

/** officeparser's errors have a code, pdf.js's a name. */
function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return 'unreadable';
  if (error.name === 'PasswordException') return 'protected';
  if (error instanceof TooManyPages) return 'too-large';
  const { officeIssue } = error as OfficeError;
  return faults.get(officeIssue?.code ?? '') ?? 'unreadable';
}
