/** Everything the app remembers, in one SQLite file. Plain Node: the path is passed in. */
import type { DatabaseSync } from 'node:sqlite';
import { conversationTable } from './conversations.ts';
import type { ConversationTable } from './conversations.ts';
import { inTransaction, isDamage, openDatabase, setAside } from './database.ts';
import { crashTable } from './crashes.ts';
import type { CrashTable } from './crashes.ts';
import { draftTable } from './drafts.ts';
import type { DraftTable } from './drafts.ts';
import { fileHashTable } from './file-hashes.ts';
import type { FileHashTable } from './file-hashes.ts';
import { messageTree } from './message-tree.ts';
import type { MessageTree } from './message-tree.ts';
import { messageTable } from './messages.ts';
import type { MessageTable } from './messages.ts';
import { modelFactsTable } from './model-facts.ts';
import type { ModelFactsTable } from './model-facts.ts';
import { modelTable } from './models.ts';
import type { ModelTable } from './models.ts';
import { modelTemplateTable } from './model-templates.ts';
import type { ModelTemplateTable } from './model-templates.ts';
import { presetTable } from './presets.ts';
import type { PresetTable } from './presets.ts';
import { runTable } from './runs.ts';
import type { RunTable } from './runs.ts';
import { searcher } from './search.ts';
import { settingsTable } from './settings.ts';
import type { SettingsTable } from './settings.ts';

export interface Store {
  readonly conversations: ConversationTable;
  readonly messages: MessageTable;
  readonly tree: MessageTree;
  readonly runs: RunTable;
  readonly drafts: DraftTable;
  readonly presets: PresetTable;
  readonly settings: SettingsTable;
  readonly models: ModelTable;
  readonly fileHashes: FileHashTable;
  readonly crashes: CrashTable;
  readonly modelTemplates: ModelTemplateTable;
  readonly modelFacts: ModelFactsTable;
  readonly search: ReturnType<typeof searcher>;
  /** Where a file that could not be read was put aside when the store was opened. */
  readonly damaged?: string;
  /** All of `work` is on the disk when this returns, or none of it if it throws. Does not nest. */
  readonly transaction: <T>(work: () => T) => T;
  close(): void;
}

/**
 * Opens the store and settles what the last run left: streaming answers are interrupted, deleted chats go for good.
 * A file that SQLite cannot read is renamed beside a new one, never deleted.
 * @throws StoreTooNewError, or SQLite's own error if the file can be neither read nor created
 */
export function openStore(path: string): Store {
  try {
    return settle(openDatabase(path));
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    const damaged = setAside(path);
    return { ...settle(openDatabase(path)), damaged };
  }
}

function settle(database: DatabaseSync): Store {
  try {
    const messages = messageTable(database);
    const store: Store = {
      conversations: conversationTable(database),
      messages,
      tree: messageTree(database, messages),
      runs: runTable(database),
      drafts: draftTable(database),
      presets: presetTable(database),
      search: searcher(database),
      settings: settingsTable(database),
      models: modelTable(database),
      fileHashes: fileHashTable(database),
      crashes: crashTable(database),
      modelTemplates: modelTemplateTable(database),
      modelFacts: modelFactsTable(database),
      transaction: (work) => inTransaction(database, work),
      close: () => database.close(),
    };
    store.transaction(() => {
      store.messages.interruptStreaming({
        code: 'engine-lost',
        message: 'Wyvern ended while this was being written. What had arrived is kept.',
        hint: 'Send the message again, or ask to go on.',
      });
      store.messages.purgeDeleted();
      store.conversations.purgeDeleted();
      store.drafts.purge();
    });
    return store;
  } catch (cause) {
    database.close();
    throw cause;
  }
}
