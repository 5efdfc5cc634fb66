/**
 * `node:sqlite` for Electron 22, whose Node 16 lacks it: each call goes to the Node of the tests and waits for the answer, so
 * the store uses the same SQLite as everywhere. Each thread has a process of its own.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receive, send } from './sqlite-link.ts';
import type { SqliteReply, SqliteRequest } from './sqlite-link.ts';

interface Link {
  readonly requests: number;
  readonly replies: number;
}
let link: Link | undefined;

function connect(): Link {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-sqlite-'));
  const [requests, replies] = [join(folder, 'requests'), join(folder, 'replies')];
  execFileSync('mkfifo', [requests, replies]);
  const { WYVERN_TEST_NODE: node = '', WYVERN_TEST_SQLITE: server = '' } = process.env;
  spawn(node, [server, requests, replies], { stdio: ['ignore', 'ignore', 'inherit'] }).unref();
  // Both wait until the other end is open.
  const opened = { requests: openSync(requests, 'w'), replies: openSync(replies, 'r') };
  rmSync(folder, { recursive: true });
  return opened;
}

/** @throws the error of `node:sqlite`, with its fields */
function ask(request: SqliteRequest): unknown {
  link ??= connect();
  send(link.requests, request);
  const reply = receive(link.replies) as SqliteReply | undefined;
  if (reply === undefined) throw new Error('The process with SQLite ended');
  if (reply.type === 'error') throw Object.assign(new Error(reply.message), reply.fields);
  return reply.type === 'object' ? reply.id : reply.value;
}

const call = (target: number, method: string, values: readonly unknown[]): unknown =>
  ask({ type: 'call', target, method, values });

class StatementSync {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  get(...values: readonly unknown[]): unknown {
    return call(this.#id, 'get', values);
  }

  all(...values: readonly unknown[]): unknown {
    return call(this.#id, 'all', values);
  }

  run(...values: readonly unknown[]): unknown {
    return call(this.#id, 'run', values);
  }
}

export class DatabaseSync {
  readonly id: number;

  constructor(path: string | URL, options: object = {}) {
    this.id = ask({ type: 'open', path: String(path), isUrl: path instanceof URL, options }) as number;
  }

  get isOpen(): boolean {
    return ask({ type: 'get', target: this.id, property: 'isOpen' }) as boolean;
  }

  get isTransaction(): boolean {
    return ask({ type: 'get', target: this.id, property: 'isTransaction' }) as boolean;
  }

  prepare(sql: string): StatementSync {
    return new StatementSync(call(this.id, 'prepare', [sql]) as number);
  }

  exec(sql: string): void {
    call(this.id, 'exec', [sql]);
  }

  close(): void {
    call(this.id, 'close', []);
  }
}

/** Waits for the whole copy, which `node:sqlite` makes step by step. */
export function backup({ id }: DatabaseSync, path: string, options: object = {}): Promise<unknown> {
  return Promise.resolve(ask({ type: 'backup', target: id, path, options }));
}
