/**
 * Wyvern's built preload and window, in the host and in a real Electron, with Wyvern's own services and engine behind them. An
 * Electron that is too old for the main process still runs both: the services run in this process.
 */
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { EngineProcess } from '../../../main/engine-host/engine-process.ts';
import { createHandlers } from '../../../main/handlers.ts';
import { createServices, shutDown } from '../../../main/services.ts';
import type { Services } from '../../../main/services.ts';
import type { System } from '../../../main/shell/system.ts';
import { forkEngineInNode } from '../../../main/testing/forked-engine.ts';
import { windowlessSystem } from '../../../main/testing/windowless-system.ts';
import { callInputs } from '../../../preload/contract.ts';
import type { CallName, Emit } from '../../../preload/contract.ts';
import { callNames } from '../../../preload/names.ts';
import { firstAnswers, tinyLlama } from '../../tiny-llama.ts';
import { createCodec } from '../codec.ts';
import { collectOutput } from './check.ts';
import { makeApp, startApp } from './target.ts';
import { runWindow } from './window-app.ts';
import type { WindowReply, WindowRequest } from './window-app.ts';

// The handlers of links need Electron's `shell`.
vi.mock('electron', () => ({ shell: {}, ipcMain: {} }));

const root = resolve(import.meta.dirname, '../../..');
const codec = createCodec();
const deviceless = { WYVERN_ADDON: join(root, 'resources/native/wyvern.node') };

/** Before Electron 29 a file has its path, and there is no `webUtils`. */
const preload = `const own = require;
(function (require) {
${readFileSync(join(root, 'out/preload/index.cjs'), 'utf8')}
})((name) => {
  const module = own(name);
  if (name !== 'electron' || module.webUtils) return module;
  return Object.create(module, { webUtils: { value: { getPathForFile: (file) => file.path } } });
});`;

/** What the window uses and Chromium 108 lacks. */
const before = stripTypeScriptTypes(readFileSync(join(root, 'e2e/electron-22/language.ts'), 'utf8'));

let services: Services;
let shown: WyvernWindow;

class WyvernWindow {
  readonly loaded = Promise.withResolvers<undefined>();
  readonly #child;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #last = 0;

  constructor(answer: (name: CallName, input: unknown) => Promise<unknown>) {
    const page = join(root, 'out/renderer');
    const options = { page, calls: [...callNames], before };
    const main = `(${runWindow.toString()})(require, (${createCodec.toString()})(), ${JSON.stringify(options)});`;
    const folder = makeApp({ 'main.cjs': main, 'preload.cjs': preload });
    this.#child = startApp(folder);
    const output = collectOutput(this.#child);
    this.#child.once('exit', () => {
      const gone = new Error(`The app ended: ${output()}`);
      this.loaded.reject(gone);
      for (const { reject } of this.#waiting.values()) reject(gone);
    });
    this.#child.on('message', (message) => {
      const reply = message as WindowReply;
      if (reply.type === 'loaded') this.loaded.resolve(undefined);
      else if (reply.type === 'done') this.#settle(reply);
      else {
        void answer(reply.name as CallName, codec.decode(reply.input)).then((value) =>
          this.#send({ type: 'answer', id: reply.id, value: codec.encode(value) }),
        );
      }
    });
  }

  #settle({ id, ok, value }: Extract<WindowReply, { type: 'done' }>): void {
    if (ok) this.#waiting.get(id)?.resolve(value);
    else this.#waiting.get(id)?.reject(new Error(String(value)));
    this.#waiting.delete(id);
  }

  #send(request: WindowRequest): void {
    if (this.#child.connected) this.#child.send(request, () => undefined);
  }

  async #ask(request: (id: number) => WindowRequest): Promise<unknown> {
    const id = ++this.#last;
    const result = Promise.withResolvers<unknown>();
    this.#waiting.set(id, result);
    this.#send(request(id));
    return await result.promise;
  }

  emit(name: string, payload: unknown): void {
    this.#send({ type: 'event', name, payload: codec.encode(payload) });
  }

  async run<R>(code: () => R): Promise<R> {
    return (await this.#ask((id) => ({ type: 'run', id, code: `(${code.toString()})()` }))) as R;
  }

  async devtools(method: string, parameters: object): Promise<void> {
    await this.#ask((id) => ({ type: 'devtools', id, method, parameters }));
  }

  async end(): Promise<void> {
    const exited = new Promise((settle) => this.#child.once('exit', settle));
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-window-'));
  const emit: Emit = (name, payload) => shown.emit(name, payload);
  const fork = (): EngineProcess => forkEngineInNode({ environment: deviceless });
  const about: System['about'] = () => ({ version: '0', shell: 'electron', platform: process.platform });
  services = createServices(windowlessSystem(folder, { emit, fork, about }, tinyLlama));
  const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
  services.settings.set({ ...greedy, automaticTitles: false });
  const handlers = createHandlers(services);
  shown = new WyvernWindow(async (name, input) => {
    const handler: (value: never) => unknown = handlers[name];
    return { ok: true, value: await handler(callInputs[name].parse(input) as never) };
  });
  void services.models.restore(Promise.resolve());
  await shown.loaded.promise;
});
afterAll(async () => {
  await shown.end();
  await shutDown(services);
});

test('the window starts: its page has the bridge and no Node, and shows the model that loads', async () => {
  expect(await shown.run(() => [typeof window.wyvern.call, 'require' in globalThis, 'process' in globalThis])).toEqual([
    ...['function', false, false],
  ]);
  await expect
    .poll(() => shown.run(() => document.querySelector('[data-testid=model-state]')?.getAttribute('data-status')))
    .toBe('ready');
  expect(await shown.run(() => document.querySelector('textarea') !== null)).toBe(true);
});

test('a chat streams the exact text of the trained model into the page', async () => {
  const [{ question, answer } = { question: '', answer: '' }] = firstAnswers();
  await shown.run(() => document.querySelector('textarea')?.focus());
  await shown.devtools('Input.insertText', { text: question });
  const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };
  await shown.devtools('Input.dispatchKeyEvent', { type: 'keyDown', ...enter });
  await shown.devtools('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  const texts = (): Promise<(string | undefined)[]> =>
    shown.run(() =>
      ['question', 'answer'].map((name) => document.querySelector(`[data-testid=${name}]`)?.textContent.trim()),
    );
  await expect.poll(async () => (await texts())[0]).toContain(question);
  await expect.poll(async () => (await texts())[1]).toContain(answer.trim().split('\n')[0]);
  await expect
    .poll(() => {
      const [chat] = services.conversations.list(1, undefined).conversations;
      return chat && services.conversations.open(chat.id).messages.at(-1)?.text;
    })
    .toBe(answer);
});

test('a dropped model reaches the services by its path', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-dropped-'));
  cpSync(tinyLlama, join(folder, 'second'), { recursive: true });
  const data = { items: [], files: [join(folder, 'second')], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'])
    await shown.devtools('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
  await expect
    .poll(() => services.models.catalogue.list().then((list) => JSON.stringify(list).includes(folder)))
    .toBe(true);
});

test('a call that the contract does not have is refused in the preload', async () => {
  const refused = await shown.run(() => window.wyvern.call('no.such' as never, {} as never).catch(String));
  expect(refused).toBe('Error: The contract has no “no.such”.');
});
