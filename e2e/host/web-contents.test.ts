/** The preload's world beside the page's, in a real Chromium. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './chromium.ts';
import { ipcMain } from './ipc-main.ts';
import { protocol } from './protocol.ts';
import { WebContents } from './web-contents.ts';

const preload = `
  const { contextBridge, ipcRenderer, webUtils } = require('electron');
  globalThis.secret = 'of the preload';
  contextBridge.exposeInMainWorld('api', {
    version: 1,
    nested: { list: [1, { deep: true }], date: new Date(5) },
    add: (one, two) => one + two,
    fail: () => { throw new RangeError('not today'); },
    later: async (value) => ({ value }),
    failLater: async () => { throw new TypeError('not tomorrow'); },
    callBack: (listener) => listener('hello', { n: 1 }) + '!',
    counter: () => { let n = 0; return { next: () => ++n }; },
    pageSecret: () => typeof globalThis.pageSecret,
    invoke: (...args) => ipcRenderer.invoke(...args),
    on: (channel, listener) => {
      const forward = (_event, ...args) => listener(...args);
      ipcRenderer.on(channel, forward);
      return () => void ipcRenderer.off(channel, forward);
    },
    pathOf: (file) => webUtils.getPathForFile(file),
  });
`;

/** As the page sees it. */
interface Api {
  readonly version: number;
  readonly nested: unknown;
  add(one: number, two: number): number;
  fail(): void;
  later(value: unknown): Promise<unknown>;
  failLater(): Promise<void>;
  callBack(listener: (text: string, value: { readonly n: number }) => string): string;
  counter(): { next(): number };
  pageSecret(): string;
  invoke(channel: string, ...args: unknown[]): Promise<unknown>;
  on(channel: string, listener: (...args: unknown[]) => void): () => void;
  pathOf(file: File): string;
}
declare global {
  var api: Api;
}

let folder: string;
let context: BrowserContext;
let page: Page;
let contents: WebContents;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-worlds-'));
  const preloadPath = join(folder, 'preload.cjs');
  writeFileSync(preloadPath, preload);
  protocol.handle('test', () => {
    const html = '<!doctype html><body><script>globalThis.pageSecret = 1; globalThis.early = typeof api;</script>';
    return new Response(html, { headers: { 'content-type': 'text/html' } });
  });
  context = await launchChromium({ profile: join(folder, 'profile'), headed: false, width: 400, height: 300 });
  page = context.pages()[0]!;
  contents = new WebContents(preloadPath);
  await contents.attach(context, page);
  await contents.loadURL('test://host/page');
});
afterAll(async () => {
  await context.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the app sees its own address, and the page a secure one', async () => {
  expect(contents.getURL()).toBe('test://host/page');
  expect(await page.evaluate(() => isSecureContext)).toBe(true);
});

test('the exposed API exists before the page’s first script, frozen, by value', async () => {
  expect(await page.evaluate(() => (globalThis as unknown as { early: string }).early)).toBe('object');
  expect(await page.evaluate(() => [api.version, api.nested, Object.isFrozen(api.nested)])).toEqual([
    1,
    { list: [1, { deep: true }], date: new Date(5) },
    true,
  ]);
});

test('neither world sees the other’s globals', async () => {
  expect(await page.evaluate(() => [typeof (globalThis as { secret?: unknown }).secret, api.pageSecret()])).toEqual([
    'undefined',
    'undefined',
  ]);
  const leaked = await page.evaluate(() =>
    Object.getOwnPropertyNames(globalThis).filter((name) => /electron/i.test(name)),
  );
  expect(leaked).toEqual([]);
});

test('functions, results, errors, promises and callbacks cross', async () => {
  const seen = await page.evaluate(async () => {
    const thrown = (run: () => unknown): string => {
      try {
        return String(run());
      } catch (cause) {
        return String(cause);
      }
    };
    const counter = api.counter();
    counter.next();
    return {
      sum: api.add(1, 2),
      thrown: thrown(() => api.fail()),
      later: ((await api.later(new Map([[1, 'one']]))) as { value: Map<number, string> }).value.get(1),
      rejected: await api.failLater().catch(String),
      callback: api.callBack((text, { n }) => `${text} ${n}`),
      callbackThrows: thrown(() =>
        api.callBack(() => {
          throw new Error('in the page');
        }),
      ),
      counted: counter.next(),
      symbol: thrown(() => api.add(Symbol('x') as unknown as number, 1)),
    };
  });
  expect(seen).toEqual({
    sum: 3,
    thrown: 'Error: not today',
    later: 'one',
    rejected: 'Error: not tomorrow',
    callback: 'hello 1!',
    callbackThrows: 'Error: in the page',
    counted: 2,
    symbol: 'Error: Cannot convert a Symbol value to a number',
  });
});

test('calls reach the main process and return, with Electron’s error texts', async () => {
  ipcMain.handle('echo', (event, ...args) => [event.senderFrame?.url, event.senderFrame?.parent, args]);
  ipcMain.handle('fail', () => {
    throw new Error('on purpose');
  });
  const seen = await page.evaluate(async () => [
    await api.invoke('echo', undefined, new Uint8Array([1, 2]), { n: Number.NaN }),
    await api.invoke('fail').catch(String),
    await api.invoke('nobody').catch(String),
  ]);
  expect(seen).toEqual([
    ['test://host/page', null, [undefined, new Uint8Array([1, 2]), { n: Number.NaN }]],
    "Error: Error invoking remote method 'fail': Error: on purpose",
    "Error: Error invoking remote method 'nobody': Error: No handler registered for 'nobody'",
  ]);
});

test('events reach a listener in order until it stops', async () => {
  const heard = await page.evaluateHandle(() => {
    const heard: unknown[] = [];
    const off = api.on('news', (...args) => {
      heard.push(args);
      if (args[0] === 'last') off();
    });
    return heard;
  });
  for (const item of [1, { a: undefined }, 'last', 'unheard']) contents.send('news', item);
  // Arrives after all earlier messages.
  await page.evaluate(() => api.invoke('echo'));
  expect(await heard.jsonValue()).toEqual([[1], [{ a: undefined }], ['last']]);
});

test('a dropped file and a dropped folder have a path, a file of the page has none', async () => {
  const file = join(folder, 'mödel with spaces.pte');
  const directory = join(folder, 'a folder');
  writeFileSync(file, 'x');
  mkdirSync(directory);
  await page.evaluate(() => {
    const paths = Promise.withResolvers<string[]>();
    Object.assign(globalThis, { paths: paths.promise });
    addEventListener('dragover', (event) => event.preventDefault());
    addEventListener('drop', (event) => {
      event.preventDefault();
      paths.resolve([...(event.dataTransfer?.files ?? [])].map((dropped) => api.pathOf(dropped)));
    });
  });
  const devtools = await context.newCDPSession(page);
  const data = { items: [], files: [file, directory], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x: 50, y: 50, data });
  }
  expect(await page.evaluate(() => (globalThis as unknown as { paths: Promise<string[]> }).paths)).toEqual([
    file,
    directory,
  ]);
  expect(await page.evaluate(() => api.pathOf(new File(['x'], 'made.pte')))).toBe('');
});

test('the preload runs again after a reload', async () => {
  const loaded = page.waitForEvent('load');
  contents.reload();
  await loaded;
  expect(await page.evaluate(() => api.add(2, 2))).toBe(4);
  expect(await page.evaluate(() => api.invoke('echo', 1))).toEqual(['test://host/page', null, [1]]);
});
