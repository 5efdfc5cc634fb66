/** Chats as text, with one chat in memory at a time. */
import { chatFormat, chatFormatVersion } from './chat-file.ts';
import { chatToMarkdown } from './markdown.ts';
import { type ChatStore, readChat } from './read-chat.ts';

/** @param onChat called for each written chat; a chat that was deleted meanwhile is skipped */
export function* chatsToJson(store: ChatStore, ids: readonly string[], onChat: () => void): Generator<string> {
  yield `{"format":${JSON.stringify(chatFormat)},"version":${chatFormatVersion},"chats":[`;
  let separator = '\n';
  for (const id of ids) {
    const chat = readChat(store, id);
    if (!chat) continue;
    yield separator + JSON.stringify(chat);
    separator = ',\n';
    onChat();
  }
  yield '\n]}\n';
}

/** The same as Markdown, a rule between chats. */
export function* chatsToMarkdown(store: ChatStore, ids: readonly string[], onChat: () => void): Generator<string> {
  let separator = '';
  for (const id of ids) {
    const chat = readChat(store, id);
    if (!chat) continue;
    yield separator + chatToMarkdown(chat);
    separator = '\n---\n\n';
    onChat();
  }
}
