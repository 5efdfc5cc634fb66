/** Attaches text files that the person drops on the message box or picks. */
import type { Attachment } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { showToast } from '../ui/toasts-store.ts';
import { useConversations } from '../conversations/store.ts';
import { focusComposer } from './focus.ts';
import { draftOf, useDrafts } from './drafts.ts';
import { decodeText } from './text-encoding.ts';

/** Limits of `chat.send`. */
const mostFiles = 20;
const maxFileBytes = 2_000_000;
const maxNameCharacters = 300;

type Read = { readonly attachment: Attachment; readonly guessed?: string } | { readonly problem: string };

/** Adds files to the draft of the open chat. Lists the files that are too large or contain no text. */
export async function attachFiles(files: readonly File[]): Promise<void> {
  const { activeId } = useConversations.getState();
  const read = await Promise.all(files.slice(0, mostFiles).map(readText));
  const draft = draftOf(activeId);
  const texts = read.flatMap((result) => ('attachment' in result ? [result.attachment] : []));
  const attachments = [...draft.attachments, ...texts].slice(0, mostFiles);
  if (texts.length > 0) useDrafts.getState().write(activeId, { ...draft, attachments });
  const problems = [
    ...read.flatMap((result) => ('problem' in result ? [result.problem] : [])),
    ...(draft.attachments.length + files.length > mostFiles ? [strings.composer.tooManyFiles(mostFiles)] : []),
  ];
  if (problems.length > 0) showToast({ tone: 'danger', title: problems.join('\n') });
  const guesses = read.flatMap((result) =>
    'attachment' in result && result.guessed !== undefined
      ? [strings.composer.fileGuessed(result.attachment.name, result.guessed)]
      : [],
  );
  if (guesses.length > 0) showToast({ tone: 'plain', title: guesses.join('\n') });
  focusComposer();
}

async function readText(file: File): Promise<Read> {
  if (file.size > maxFileBytes) return { problem: strings.composer.fileTooLong(file.name, maxFileBytes) };
  const bytes = await bytesOf(file);
  const decoded = bytes && (await decodeText(bytes));
  if (!decoded) return { problem: strings.composer.fileNoText(file.name) };
  const { text, ...guess } = decoded;
  if (text === '') return { problem: strings.composer.fileEmpty(file.name) };
  return { attachment: { name: file.name.slice(0, maxNameCharacters) || strings.composer.pasted(1), text }, ...guess };
}

/** @returns undefined for a folder or a deleted file */
async function bytesOf(file: File): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return undefined;
  }
}
