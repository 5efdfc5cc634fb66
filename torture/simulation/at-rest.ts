/** Compares the window with the store while no message is under way between them. */
import { isDeepStrictEqual } from 'node:util';
import type { Services } from '../../main/services.ts';
import type { Message } from '../../preload/contract.ts';
import type { PageState, Shown } from '../../renderer/testing/page-state.ts';
import { fits, must } from './seen.ts';

const listLength = 200;

/** Throws if the window shows anything else than the app has. */
export function compareAtRest(page: PageState, services: Services): void {
  const shown = page.shown();
  const { store, chat, conversations, models } = services;
  const stream = chat.answering.stream;
  mustEqual(shown.running?.answerId, stream?.answerId, 'the window knows which answer is in progress');
  const { conversations: listed } = conversations.list(listLength, undefined);
  if (shown.list !== undefined) mustEqual(shown.list, listed, 'the window lists the stored chats');
  must(isDeepStrictEqual(shown.model, models.current.state), 'the window shows the state of the model');
  for (const id of Object.keys(shown.threads)) {
    if (store.conversations.get(id) !== undefined) compareThread(page, services, id, shown);
  }
}

/** Throws if a draft in the window is not stored. Drafts are stored shortly after the last key. */
export function compareDrafts(page: PageState, { store }: Services): void {
  for (const [id, draft] of Object.entries(page.shown().drafts)) {
    const place = id === 'new' ? undefined : id;
    if (place !== undefined && store.conversations.get(place) === undefined) continue;
    mustEqual(draft, store.drafts.get(place), `the draft of ${id} is stored`);
  }
}

function compareThread(page: PageState, { store, chat }: Services, id: string, shown: Shown): void {
  const thread = shown.threads[id];
  must(thread?.status !== 'opening', `chat ${id} opens`);
  if (thread?.status !== 'open') return;
  const stored = store.tree.path(id);
  const { messages, earlier } = thread;
  must(earlier + messages.length === stored.length, `the window shows as many messages of ${id} as there are`);
  for (const [index, message] of messages.entries()) {
    const { written, answerId } = chat.answering.stream ?? {};
    const other = stored[earlier + index];
    must(other?.id === message.id, `message ${index} of ${id} in the window is the stored one`);
    const question = messages[index - 1];
    must(message.role === 'user' || question === undefined || fits(message.text, question), `${message.id} fits`);
    if (message.id === answerId) {
      const live = page.liveText(message.id) ?? '';
      mustEqual(bare(live), bare(written?.text ?? ''), `the window shows the text of ${message.id} so far`);
    } else if (!couldNotBeStored(message)) mustEqual(message, other, `the window shows ${message.id} as it is stored`);
  }
}

/** Such an answer says so, and differs from the store until the app starts again. */
function couldNotBeStored({ error }: Message): boolean {
  return error?.code === 'disk-full' || error?.code === 'store-failed';
}

/** Markdown drops space at the ends of its blocks. */
function bare(text: string): string {
  return text.replaceAll(/\s/g, '');
}

function mustEqual(shown: unknown, stored: unknown, promise: string): void {
  must(
    isDeepStrictEqual(shown, stored),
    `${promise}\n  window: ${JSON.stringify(shown)}\n  store: ${JSON.stringify(stored)}`,
  );
}
