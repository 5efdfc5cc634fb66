/** Attaches documents and text files that the person drops or picks. */
import type { AppError, Attachment } from '../../preload/contract.ts';
import { type DocumentKind, maxDocumentBytes } from '../../preload/contract/values.ts';
import { call } from '../bridge.ts';
import { useConversations } from '../conversations/store.ts';
import { strings } from '../strings/index.ts';
import { showError, showToast } from '../ui/toasts-store.ts';
import { documentKindOf } from './document-kind.ts';
import { draftOf, useDrafts } from './drafts.ts';
import { focusComposer } from './focus.ts';
import { showReading } from './reading.tsx';
import { decodeText } from './text-encoding.ts';

/** Limits of `chat.send`. */
const mostFiles = 20;
const maxFileBytes = 2_000_000;
const maxNameCharacters = 300;

type Read =
  | { readonly attachment: Attachment; readonly guessed?: string }
  | { readonly problem: string }
  | { readonly error: AppError };

/** Adds files to the draft of the open chat. Says which files are too large or contain no text. */
export async function attachFiles(files: readonly File[]): Promise<void> {
  const { activeId } = useConversations.getState();
  const read = await Promise.all(files.slice(0, mostFiles).map(async (file) => await readFile(file, activeId)));
  const draft = draftOf(activeId);
  const texts = read.flatMap((result) => ('attachment' in result ? [result.attachment] : []));
  const attachments = [...draft.attachments, ...texts].slice(0, mostFiles);
  if (texts.length > 0) useDrafts.getState().write(activeId, { ...draft, attachments });
  const problems = [
    ...read.flatMap((result) => ('problem' in result ? [result.problem] : [])),
    ...(draft.attachments.length + files.length > mostFiles ? [strings.composer.tooManyFiles(mostFiles)] : []),
  ];
  if (problems.length > 0) showToast({ tone: 'danger', title: problems.join('\n') });
  for (const result of read) if ('error' in result) showError(result.error);
  const guesses = read.flatMap((result) =>
    'attachment' in result && result.guessed !== undefined
      ? [strings.composer.fileGuessed(result.attachment.name, result.guessed)]
      : [],
  );
  if (guesses.length > 0) showToast({ tone: 'plain', title: guesses.join('\n') });
  focusComposer();
}

async function readFile(file: File, conversationId: string | undefined): Promise<Read> {
  const kind = documentKindOf(file.name);
  const maxBytes = kind === undefined ? maxFileBytes : maxDocumentBytes;
  if (file.size > maxBytes) return { problem: strings.composer.fileTooLong(file.name, maxBytes) };
  const bytes = await bytesOf(file);
  if (bytes === undefined) return { problem: strings.composer.fileNoText(file.name) };
  if (kind === undefined) return await readText(file.name, bytes);
  const end = showReading(conversationId, file.name);
  const result = await readDocument(file.name, kind, bytes);
  end();
  return result;
}

async function readText(name: string, bytes: Uint8Array): Promise<Read> {
  const decoded = await decodeText(bytes);
  if (!decoded) return { problem: strings.composer.fileNoText(name) };
  const { text, ...guess } = decoded;
  return text === '' ? { problem: strings.composer.fileEmpty(name) } : { attachment: named(name, text), ...guess };
}

/** The main process reads it, in a process that can do nothing else. */
async function readDocument(name: string, kind: DocumentKind, bytes: Uint8Array<ArrayBuffer>): Promise<Read> {
  if (bytes.length === 0) return { problem: strings.composer.fileEmpty(name) };
  const result = await call('documents.read', { name, kind, bytes });
  return result.ok ? { attachment: named(name, result.value.text) } : { error: result.error };
}

function named(name: string, text: string): Attachment {
  return { name: name.slice(0, maxNameCharacters) || strings.composer.pasted(1), text };
}

/** @returns undefined for a folder or a deleted file */
async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return undefined;
  }
}
