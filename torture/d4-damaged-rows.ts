/** D4: a damaged row hides one message, never a chat. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../main/store/store.ts';
import type { Dice } from '../native/test/random.ts';
import type { TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import {
  chatId,
  chats,
  inFolder,
  makeSampleFiles,
  parts,
  readEverything,
  turns,
  useOn,
  using,
  writeFiles,
} from './sample-store.ts';
import type { Contents } from './sample-store.ts';

/** Damages one row of each chat of a store: one case per chat. */
const rowsAtOnce = chats;

export const damagedRows: TriedPromise = {
  id: 'D4',
  says: 'one bad record hides one message',
  cases: 2000,
  async attempt({ cases, ...trial }) {
    const files = makeSampleFiles();
    return await inFolder(async (folder) => {
      const original = join(folder, 'original.sqlite');
      writeFiles(original, files);
      const before = using(original, readEverything);
      const outcome = await tryCases({ ...trial, cases: Math.ceil(cases / rowsAtOnce) }, (random, index) =>
        inFolder((place) => attemptStore(original, place, before, random, index)),
      );
      return {
        ...outcome,
        cases: Math.min(cases, outcome.cases * rowsAtOnce),
        survived: Math.min(cases, outcome.survived * rowsAtOnce),
      };
    });
  },
};

interface Mutation {
  readonly what: string;
  /** The message that may be hidden; absent if none may. */
  readonly message?: string;
}

function attemptStore(original: string, place: string, before: Contents, random: Dice, index: number): number {
  const path = join(place, 'wyvern.sqlite');
  copyFileSync(original + parts.db, path);
  const mutations = Array.from({ length: rowsAtOnce }, (_, chat) => mutate(path, chat, random));
  try {
    // The app does not check a large store as a whole when it opens it.
    const store = openStore(path, index % 2 === 0 ? {} : { checkedBytes: 0 });
    try {
      const after = readEverything(store);
      for (const [chat, mutation] of mutations.entries()) requireRest(before, after, chat, mutation);
      useOn(store);
    } finally {
      store.close();
    }
    return 0;
  } catch (cause) {
    throw new Error(mutations.map(({ what }) => what).join('; '), { cause });
  }
}

/** All other messages appear unchanged and in order; the placeholder says that its message is damaged. */
function requireRest(before: Contents, after: Contents, chat: number, { what, message }: Mutation): void {
  const id = chatId(chat);
  const path = after.paths.get(id);
  if (!path) throw new Error(`${what}: the chat is gone`);
  const wanted = before.paths.get(id)?.filter((one) => one !== message) ?? [];
  const rest = path.filter((one) => wanted.includes(one));
  if (rest.join() !== wanted.join()) throw new Error(`${what}: ${wanted.join()} became ${path.join()}`);
  const changed = wanted.find((one) => after.messages.get(one) !== before.messages.get(one));
  if (changed !== undefined) throw new Error(`${what}: the text of ${changed} changed`);
  if (message === undefined || !before.paths.get(id)?.includes(message)) return;
  // Its own id may be damaged, so identify the message by its text.
  const shown = [...after.paths.values()].flat();
  const isShown =
    shown.includes(message) || shown.some((one) => after.messages.get(one) === before.messages.get(message));
  if (!isShown && !path.some((one) => after.damaged.has(one)))
    throw new Error(`${what}: nothing says that ${message} is missing`);
}

const badJson = ['{"cut', '[1', 'null', '12', '""', '[]', '{}', '{"code":5}', '['.repeat(5000), '{"a":'.repeat(3000)];
const hugeInteger = '1152921504606846976';

/** SQL expressions of forbidden column values. */
function badValue(column: string, random: Dice): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  switch (column) {
    case 'figures':
    case 'error':
    case 'attachments':
    case 'settings':
    case 'value':
      return random.pick([...badJson.map(quoted), "x'ff00'", '5', '1.5', "CAST(x'7bff' AS TEXT)"]);
    case 'text':
      return random.pick(["x'00ff'", '7', 'NULL', "CAST(x'ff61c328' AS TEXT)", "CAST(x'6100' AS TEXT)", '2.5']);
    case 'role':
    case 'state':
    case 'context_policy':
      return random.pick(["'nonsense'", "''", "x'00'", '3', "CAST(x'ff' AS TEXT)"]);
    case 'parent_id':
    case 'leaf_id':
      return random.pick(["'nobody'", 'NULL', "x'00'", '4', "''", 'id']);
    case 'id':
    case 'conversation_id':
      return random.pick(["'nobody' || rowid", "'no body/../' || rowid", "x'01' || rowid"]);
    default:
      return random.pick([hugeInteger, `-${hugeInteger}`, '-1', '99', '0', "'text'", "x'00'", '0.5', 'NULL']);
  }
}

const columnsOf = {
  messages: [
    'id',
    'conversation_id',
    'parent_id',
    'role',
    'text',
    'state',
    'created_at',
    'figures',
    'error',
    'depth',
    'active',
    'position',
    'attachments',
  ],
  conversations: [
    'id',
    'title',
    'untitled',
    'created_at',
    'updated_at',
    'leaf_id',
    'pinned',
    'settings',
    'context_policy',
  ],
  drafts: ['text', 'attachments'],
  runs: ['record'],
} as const;

function mutate(path: string, chat: number, random: Dice): Mutation {
  const table = random.pick(['messages', 'messages', 'messages', 'conversations', 'drafts', 'runs'] as const);
  const id = chatId(chat);
  const message = `m-${chat}-${random.below(turns)}`;
  const where = {
    messages: `id = '${message}'`,
    conversations: `id = '${id}'`,
    drafts: `conversation_id = '${id}'`,
    runs: `message_id = '${message}'`,
  }[table];
  const hidden = table === 'messages' ? { message } : {};
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false, defensive: false });
  try {
    if (table !== 'conversations' && random.below(12) === 0) {
      database.exec(`DELETE FROM ${table} WHERE ${where}`);
      return { what: `no ${table} ${where}`, ...hidden };
    }
    const column = random.pick<string>(columnsOf[table]);
    const value = badValue(column, random).replaceAll('rowid', table === 'drafts' ? "'x'" : 'rowid');
    withoutTypes(database, table, () => {
      database.exec(`UPDATE ${table} SET ${column} = ${value} WHERE ${where}`);
    });
    return { what: `${table}.${column} = ${value.slice(0, 40)} of ${where}`, ...hidden };
  } finally {
    database.close();
  }
}

/** Turns off the schema's checks while `work` runs; SQLite may still refuse a value. */
function withoutTypes(database: DatabaseSync, table: string, work: () => void): void {
  const setSchema = (from: string, to: string): void => {
    database.exec(`
      PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = replace(sql, '${from}', '${to}') WHERE name = '${table}';
      PRAGMA writable_schema = RESET;`);
  };
  database.exec('PRAGMA ignore_check_constraints = ON');
  const sql = String(database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(table)?.['sql']);
  setSchema(') STRICT', ')  /*st*/');
  setSchema('NOT NULL', '/*none*/');
  try {
    work();
  } catch (cause) {
    // Two rows with one id or one position: SQLite refuses them, so they cannot occur.
    if (!(cause instanceof Error && cause.message.includes('UNIQUE'))) throw cause;
  } finally {
    setSchema(')  /*st*/', ') STRICT');
    setSchema('/*none*/', 'NOT NULL');
  }
  const restored = String(database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(table)?.['sql']);
  if (restored !== sql) throw new Error(`The schema of ${table} is not as it was`);
}
