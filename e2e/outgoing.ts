/** Counts everything that would leave the machine: the window's requests, and its processes' sockets. */
import type { BrowserContext, Request } from '@playwright/test';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Chromium's error for a request that was blocked before it left. */
const stopped = /ERR_BLOCKED_BY|ERR_ABORTED|ERR_FAILED|^csp$/;

export class Outgoing {
  readonly #folder: string;
  readonly #sockets: string;
  readonly #asked: string[] = [];
  readonly #left: string[] = [];

  /** @param folder This app's own folder. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#sockets = join(folder, 'sockets.txt');
  }

  /** Environment that makes the app's Node processes record their sockets; real Electron ignores it. */
  get environment(): Readonly<Record<string, string>> {
    if (process.env['WYVERN_E2E_SHELL'] === 'electron') return {};
    const loader = pathToFileURL(join(import.meta.dirname, 'note-sockets.mjs')).href;
    const options = [process.env['NODE_OPTIONS'] ?? '', `--import ${loader}`].join(' ').trim();
    return { WYVERN_E2E_SOCKETS: this.#sockets, NODE_OPTIONS: options };
  }

  /** Counts the requests of a window's pages, blocked or not. */
  watch(context: BrowserContext, home: string): void {
    const own = `${new URL(home).origin}/`;
    const isForeign = (request: Request): boolean =>
      !request.url().startsWith(own) && !/^(data|blob|about):/.test(request.url());
    context.on('request', (request) => {
      if (isForeign(request)) this.#asked.push(`a request to ${request.url()}`);
    });
    context.on('response', (response) => {
      if (isForeign(response.request())) this.#left.push(`an answer from ${response.url()}`);
    });
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      if (isForeign(request) && !stopped.test(why)) this.#left.push(`a request to ${request.url()} (${why})`);
    });
  }

  /** @param log The main process's log, which names the requests that it cancelled, including the first page's. */
  asked(log: string): readonly string[] {
    return [...this.#asked, ...(log.match(/Refused a request to .*/g) ?? []), ...this.left()];
  }

  /** The requests that were not blocked. */
  left(): readonly string[] {
    const sockets = existsSync(this.#sockets) ? readFileSync(this.#sockets, 'utf8').trim().split('\n') : [];
    return [...this.#left, ...sockets];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
