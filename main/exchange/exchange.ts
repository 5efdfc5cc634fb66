/** Exports chats as files. */
import type { ExportForm, SavedChats } from '../../preload/contract.ts';
import { AppFailure } from '../failure.ts';
import { portableName } from '../files/names.ts';
import { allChatIds, type ChatStore } from './read-chat.ts';
import { type ChooseSave, saveFile } from './save-file.ts';
import { chatsToJson, chatsToMarkdown } from './write-chats.ts';

export interface ExchangeDependencies {
  readonly store: ChatStore;
  readonly chooseSave: ChooseSave;
}

export class Exchange {
  readonly #with: ExchangeDependencies;

  constructor(dependencies: ExchangeDependencies) {
    this.#with = dependencies;
  }

  /**
   * Writes chats to a file that the person chooses.
   * @param ids Absent: all of them.
   * @returns undefined if the person cancelled
   * @throws AppFailure `conversation-not-found` if there are none, `file-not-written`
   */
  async export(ids: readonly string[] | undefined, form: ExportForm): Promise<SavedChats | undefined> {
    const { store, chooseSave } = this.#with;
    const wanted = ids ?? allChatIds(store);
    const titles = wanted.slice(0, 2).flatMap((id) => store.conversations.get(id)?.title ?? []);
    const [title] = titles;
    if (title === undefined) {
      throw new AppFailure('conversation-not-found', 'There is no chat to export.', 'Choose another one.');
    }
    const extension = form === 'json' ? 'json' : 'md';
    const name = `${wanted.length === 1 ? portableName(title, 'Chat') : 'Wyvern chats'}.${extension}`;
    const what = wanted.length === 1 ? 'chat' : 'chats';
    let chats = 0;
    const write = form === 'json' ? chatsToJson : chatsToMarkdown;
    const path = await saveFile(chooseSave, { what, name, extension }, () => write(store, wanted, () => chats++));
    return path === undefined ? undefined : { path, chats };
  }
}
