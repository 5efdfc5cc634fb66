/** Runs `node:sqlite` for an Electron whose Node lacks it: `node sqlite-server.ts REQUESTS REPLIES`, two named pipes. */
import { openSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { receive, send } from './sqlite-link.ts';
import type { SqliteReply, SqliteRequest } from './sqlite-link.ts';

const objects: (DatabaseSync | StatementSync)[] = [];

function target(id: number): DatabaseSync | StatementSync {
  const found = objects[id];
  if (!found) throw new Error(`There is no object ${id}`);
  return found;
}

function keep(made: DatabaseSync | StatementSync): SqliteReply {
  return { type: 'object', id: objects.push(made) - 1 };
}

async function answer(request: SqliteRequest): Promise<SqliteReply> {
  switch (request.type) {
    case 'open':
      return keep(new DatabaseSync(request.isUrl ? new URL(request.path) : request.path, request.options));
    case 'backup': {
      const database = target(request.target);
      if (!(database instanceof DatabaseSync)) throw new Error('Only a database has a backup');
      return { type: 'value', value: await backup(database, request.path, request.options) };
    }
    case 'get':
      return { type: 'value', value: Reflect.get(target(request.target), request.property) };
    case 'call': {
      const on = target(request.target);
      const method = Reflect.get(on, request.method) as (...values: unknown[]) => unknown;
      const value = method.apply(on, [...request.values]);
      return request.method === 'prepare' ? keep(value as StatementSync) : { type: 'value', value };
    }
  }
}

const [, , requests = '', replies = ''] = process.argv;
const incoming = openSync(requests, 'r');
const outgoing = openSync(replies, 'w');
for (;;) {
  const request = receive(incoming) as SqliteRequest | undefined;
  // The app has ended.
  if (request === undefined) break;
  try {
    send(outgoing, await answer(request));
  } catch (cause) {
    const error = cause as Error;
    send(outgoing, { type: 'error', message: error.message, fields: Object.fromEntries(Object.entries(error)) });
  }
}
