/** The tables of one chat without a file. SQLite keeps the data, its journal and its temporary results in memory. */
import { DatabaseSync } from 'node:sqlite';
import { Connection } from './connection.ts';
import { conversationTable } from './conversations.ts';
import { migrate } from './database.ts';
import { draftTable } from './drafts.ts';
import { messageTree } from './message-tree.ts';
import { messageTable } from './messages.ts';
import { runTable } from './runs.ts';
import type { Store } from './store.ts';

/** The tables that a chat needs, in the store or in memory. */
export type ChatTables = Pick<Store, 'conversations' | 'messages' | 'tree' | 'runs' | 'drafts' | 'transaction'>;

export interface MemoryTables extends ChatTables {
  /** Frees the memory. */
  close(): void;
}

export function openMemoryTables(): MemoryTables {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true, defensive: true });
  database.exec('PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY');
  migrate(database);
  const connection = new Connection(database);
  const messages = messageTable(connection);
  return {
    conversations: conversationTable(connection),
    messages,
    tree: messageTree(connection, messages),
    runs: runTable(connection),
    drafts: draftTable(connection),
    transaction: (work) => connection.transaction(work),
    close: () => connection.close(),
  };
}
