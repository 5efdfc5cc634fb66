/** Everything of the app that would leave the machine: requests of its window, and sockets of its processes. */
import type { BrowserContext, Request } from '@playwright/test';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** How Chromium says that a request was stopped before it left. */
const stopped = /ERR_BLOCKED_BY|ERR_ABORTED|ERR_FAILED|^csp$/;

export class Outgoing {
  readonly #folder: string;
  readonly #sockets: string;
  readonly #asked: string[] = [];
  readonly #left: string[] = [];

  /** @param folder Of this app alone. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#sockets = join(folder, 'sockets.txt');
  }

  /** What makes the app's Node processes tell of their sockets; a real Electron takes no such thing. */
  get environment(): Readonly<Record<string, string>> {
    if (process.env['WYVERN_E2E_SHELL'] === 'electron') return {};
    const loader = pathToFileURL(join(import.meta.dirname, 'note-sockets.mjs')).href;
    const options = [process.env['NODE_OPTIONS'] ?? '', `--import ${loader}`].join(' ').trim();
    return { WYVERN_E2E_SOCKETS: this.#sockets, NODE_OPTIONS: options };
  }

  /** Counts what the pages of a window ask for, whether or not it is stopped. */
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

  /** @param log What main wrote: it says which requests it cancelled, those of the first page among them. */
  asked(log: string): readonly string[] {
    return [...this.#asked, ...(log.match(/Refused a request to .*/g) ?? []), ...this.left()];
  }

  /** What was not stopped. */
  left(): readonly string[] {
    const sockets = existsSync(this.#sockets) ? readFileSync(this.#sockets, 'utf8').trim().split('\n') : [];
    return [...this.#left, ...sockets];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
