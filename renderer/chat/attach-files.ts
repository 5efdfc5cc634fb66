/** Attaches text files that the person drops on the message box or picks. */
import type { Attachment } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { showToast } from '../ui/toasts-store.ts';
import { useConversations } from '../conversations/store.ts';
import { focusComposer } from './focus.ts';
import { draftOf, useDrafts } from './drafts.ts';

/** Limits of `chat.send`. */
const mostFiles = 20;
const maxFileBytes = 2_000_000;
const maxNameCharacters = 300;

/** Adds files to the draft of the open chat. Lists the files that are too large or contain no text. */
export async function attachFiles(files: readonly File[]): Promise<void> {
  const { activeId } = useConversations.getState();
  const read = await Promise.all(files.slice(0, mostFiles).map(readText));
  const texts = read.filter((result) => typeof result !== 'string');
  const draft = draftOf(activeId);
  const attachments = [...draft.attachments, ...texts].slice(0, mostFiles);
  const refused = [
    ...read.filter((result) => typeof result === 'string'),
    ...(draft.attachments.length + files.length > mostFiles ? [strings.composer.tooManyFiles(mostFiles)] : []),
  ];
  if (texts.length > 0) useDrafts.getState().write(activeId, { ...draft, attachments });
  if (refused.length > 0) showToast({ tone: 'danger', title: refused.join('\n') });
  focusComposer();
}

/** @returns the attachment, or the reason why the file cannot be attached */
async function readText(file: File): Promise<Attachment | string> {
  if (file.size > maxFileBytes) return strings.composer.fileTooLong(file.name, maxFileBytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    if (text.includes('\0')) return strings.composer.fileNoText(file.name);
    if (text === '') return strings.composer.fileEmpty(file.name);
    return { name: file.name.slice(0, maxNameCharacters) || strings.composer.pasted(1), text };
  } catch {
    // A folder, a deleted file, or bytes that are not text.
    return strings.composer.fileNoText(file.name);
  }
}
