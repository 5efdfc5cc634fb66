/** Exports chats as files. */
import type { ExportForm, SavedChats } from '../../preload/contract.ts';
import { AppFailure, fileNotWritten } from '../failure.ts';
import { portableName } from '../files/names.ts';
import type { SaveQuestion } from '../strings/save-question.ts';
import { writeAtomically } from './atomic-file.ts';
import { allChatIds, type ChatStore } from './read-chat.ts';
import { chatsToJson, chatsToMarkdown } from './write-chats.ts';

export interface ExchangeDependencies {
  readonly store: ChatStore;
  /** Asks for a path with the system's dialog; undefined if the person cancels. */
  readonly chooseSave: (question: SaveQuestion) => Promise<string | undefined>;
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
    const path = await chooseSave({ what, name, extension });
    if (path === undefined) return undefined;
    let chats = 0;
    const write = form === 'json' ? chatsToJson : chatsToMarkdown;
    try {
      await writeAtomically(
        path,
        write(store, wanted, () => chats++),
      );
    } catch (cause) {
      throw fileNotWritten(cause);
    }
    return { path, chats };
  }
}
