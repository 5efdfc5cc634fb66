/**
 * Code that the host injects into every page before its own scripts: the bridge's receiving end in the page's world,
 * and Electron's renderer-side modules in the preload's world. It injects the functions as source text.
 */
import type { Codec } from './codec.ts';
import type { WorldLink } from './world-link.ts';

/** Sends from the preload's world to the host, through a binding that only this world has. */
export type FromWorld =
  | { readonly type: 'invoke'; readonly id: number; readonly channel: string; readonly args: string }
  | { readonly type: 'send'; readonly channel: string; readonly args: string }
  /** The page's drop or change handlers wait until the host sends the paths of `count` files. */
  | { readonly type: 'paths'; readonly id: number; readonly count: number }
  | { readonly type: 'accelerator'; readonly keys: string }
  /** The page called `window.open`. */
  | { readonly type: 'open'; readonly url: string; readonly windowName: string; readonly windowFeatures: string[] };

/** Functions that the host calls in the preload's world. */
export interface WorldApi {
  settle(id: number, ok: boolean, value: string): void;
  deliver(channel: string, args: string): void;
  /** Opens Chromium's file chooser; the chosen files are then held under `id`. Needs a user gesture. */
  chooseFiles(directory: boolean): Promise<{ readonly id: number; readonly count: number }>;
  heldFile(id: number, index: number): File | undefined;
  tellPaths(id: number, paths: readonly string[]): void;
  setAccelerators(keys: readonly string[]): void;
}

export const worldName = 'electron-preload';
export const bindingName = 'electronHost';
export const apiName = 'electronWorld';

type Link = (
  carrier: HTMLInputElement,
  side: 'page' | 'preload',
  receive: (key: string, value: unknown) => void,
) => WorldLink;

/** Runs first, in the page's world: waits for the carrier from the preload's world, then defines the exposed API. */
export function preparePage(link: Link, bootEvent: string): void {
  const frozen = new WeakSet<object>();
  const { freeze, values } = Object;
  const freezeAll = (value: unknown): unknown => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || frozen.has(value)) return value;
    if (ArrayBuffer.isView(value)) return value;
    frozen.add(value);
    for (const item of values(value) as unknown[]) freezeAll(item);
    return freeze(value);
  };
  // Chromium's driver cannot refuse a window before it exists, so the page's function asks the host and opens none.
  const replaceOpen = (carrier: HTMLInputElement): void => {
    const open = window.open.bind(window);
    const dispatch = carrier.dispatchEvent.bind(carrier);
    const [Wanted, Address] = [CustomEvent, URL];
    const ask = (url: string | URL = '', target = '_blank', features = ''): Window | null => {
      if (['_self', '_top', '_parent'].includes(target)) return open(url, target, features);
      const address = url === '' ? 'about:blank' : new Address(url, document.baseURI).href;
      const detail = { url: address, windowName: target, windowFeatures: features === '' ? [] : features.split(',') };
      dispatch(new Wanted('open', { detail }));
      return null;
    };
    Object.defineProperty(window, 'open', { value: ask, writable: true, enumerable: true, configurable: true });
  };
  const boot = (event: Event): void => {
    event.stopImmediatePropagation();
    const carrier = (event as FocusEvent).relatedTarget as HTMLInputElement;
    replaceOpen(carrier);
    link(carrier, 'page', (key, value) => {
      if (key in window) throw new Error('Cannot bind an API on top of an existing property on the window object');
      Object.defineProperty(window, key, { value: freezeAll(value), enumerable: true });
    });
  };
  window.addEventListener(bootEvent, boot, { capture: true, once: true });
}

type Listener = (event: { readonly sender: unknown; readonly ports: readonly [] }, ...args: unknown[]) => void;
type Post = (message: FromWorld) => void;

/** Electron's `ipcRenderer` in the preload's world. Its source is sent to the page, so it uses its arguments alone. */
function createIpc(post: Post, codec: Codec, nextId: () => number) {
  const replies = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, Listener[]>();
  const ipcRenderer = {
    invoke(channel: string, ...args: unknown[]): Promise<unknown> {
      const id = nextId();
      const reply = Promise.withResolvers<unknown>();
      post({ type: 'invoke', id, channel, args: codec.encode(args) });
      replies.set(id, reply);
      return reply.promise;
    },
    send(channel: string, ...args: unknown[]): void {
      post({ type: 'send', channel, args: codec.encode(args) });
    },
    on(channel: string, listener: Listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    once(channel: string, listener: Listener) {
      const once: Listener = (...values) => {
        ipcRenderer.off(channel, once);
        listener(...values);
      };
      return ipcRenderer.on(channel, once);
    },
    off(channel: string, listener: Listener) {
      const others = (listeners.get(channel) ?? []).filter((item) => item !== listener);
      listeners.set(channel, others);
      return ipcRenderer;
    },
  };
  const api: Pick<WorldApi, 'settle' | 'deliver'> = {
    settle(id, ok, value) {
      const reply = replies.get(id);
      replies.delete(id);
      const result = codec.decode(value);
      if (ok) reply?.resolve(result);
      else reply?.reject(new Error(String(result)));
    },
    deliver(channel, args) {
      const event = { sender: ipcRenderer, ports: [] as const };
      const values = codec.decode(args) as unknown[];
      for (const listener of listeners.get(channel) ?? []) {
        try {
          listener(event, ...values);
        } catch (cause) {
          reportError(cause);
        }
      }
    },
  };
  return { ipcRenderer, api };
}

/**
 * Files that wait for their paths. `getPathForFile` is synchronous but the host is not, so the page's handlers run once
 * the paths are known. Its source is sent to the page, so it uses its arguments alone.
 */
function createHeldFiles(post: Post, nextId: () => number) {
  const held = new Map<number, { readonly files: readonly File[]; readonly resume: () => void }>();
  const pathOfFile = new Map<File, string>();
  const hold = (files: readonly File[], resume: () => void): void => {
    const id = nextId();
    held.set(id, { files, resume });
    post({ type: 'paths', id, count: files.length });
  };
  const api: Pick<WorldApi, 'chooseFiles' | 'heldFile' | 'tellPaths'> = {
    chooseFiles: (directory) =>
      new Promise((resolve) => {
        const input = document.createElement('input');
        input.type = 'file';
        input.multiple = true;
        input.webkitdirectory = directory;
        const finish = (): void => {
          const id = nextId();
          held.set(id, { files: [...(input.files ?? [])], resume: () => undefined });
          resolve({ id, count: input.files?.length ?? 0 });
        };
        input.addEventListener('change', finish);
        input.addEventListener('cancel', finish);
        input.click();
      }),
    heldFile: (id, index) => held.get(id)?.files[index],
    tellPaths(id, paths) {
      const waiting = held.get(id);
      held.delete(id);
      waiting?.files.forEach((file, index) => pathOfFile.set(file, paths[index] ?? ''));
      waiting?.resume();
    },
  };
  return { hold, pathOf: (file: File): string => pathOfFile.get(file) ?? '', api };
}

/**
 * Holds dropped and chosen files back until their paths are known, and reports shortcuts. Its source is sent to the page,
 * so it uses its arguments alone.
 */
function watchInput(
  hold: (files: readonly File[], resume: () => void) => void,
  isShortcut: (keys: string) => boolean,
  post: Post,
): void {
  const onDrop = (event: DragEvent): void => {
    const { target, dataTransfer } = event;
    if (!event.isTrusted || !target || !dataTransfer || dataTransfer.files.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const files = [...dataTransfer.files];
    const { bubbles, cancelable, composed, clientX, clientY } = event;
    hold(files, () => {
      const transfer = new DataTransfer();
      for (const file of files) transfer.items.add(file);
      const again = { bubbles, cancelable, composed, clientX, clientY, dataTransfer: transfer };
      target.dispatchEvent(new DragEvent('drop', again));
    });
  };
  const onChange = (event: Event): void => {
    const { target } = event;
    if (!event.isTrusted || !(target instanceof HTMLInputElement) || !target.files?.length) return;
    event.stopImmediatePropagation();
    hold([...target.files], () => void target.dispatchEvent(new Event('change', { bubbles: true })));
  };
  const onKey = (event: KeyboardEvent): void => {
    const modifiers = [
      event.ctrlKey || event.metaKey ? 'ctrl' : '',
      event.altKey ? 'alt' : '',
      event.shiftKey ? 'shift' : '',
    ];
    const keys = [...modifiers.filter(Boolean), event.key.toLowerCase()].join('+');
    if (!event.isTrusted || event.defaultPrevented || !isShortcut(keys)) return;
    event.preventDefault();
    post({ type: 'accelerator', keys });
  };
  window.addEventListener('drop', onDrop, true);
  window.addEventListener('change', onChange, true);
  window.addEventListener('keydown', onKey);
}

/** The functions that {@link runPreload} uses, by name. Their sources are sent with it. */
export const preloadParts = { createIpc, createHeldFiles, watchInput } as const;

/** Runs second, in the preload's world: builds `require('electron')` and runs the preload with it. */
export function runPreload(
  link: Link,
  createCodec: () => Codec,
  parts: typeof preloadParts,
  names: { readonly bootEvent: string; readonly binding: string; readonly api: string },
  accelerators: readonly string[],
  facts: { readonly platform: string; readonly arch: string; readonly chrome: string },
  preload: (
    require: (name: string) => unknown,
    module: { exports: unknown },
    exports: unknown,
    process: object,
    global: unknown,
  ) => void,
): void {
  if (window !== window.top) return;
  const globals = globalThis as unknown as Record<string, unknown>;
  const call = globals[names.binding] as (payload: string) => void;
  const post = (message: FromWorld): void => call(JSON.stringify(message));
  let lastId = 0;
  const nextId = (): number => ++lastId;
  let shortcuts = new Set(accelerators);

  const carrier = document.createElement('input');
  carrier.type = 'file';
  carrier.multiple = true;
  window.dispatchEvent(new FocusEvent(names.bootEvent, { relatedTarget: carrier }));
  const bridge = link(carrier, 'preload', () => undefined);
  carrier.addEventListener('open', (event) => {
    post({ type: 'open', ...(event as CustomEvent<Omit<Extract<FromWorld, { type: 'open' }>, 'type'>>).detail });
  });

  const ipc = parts.createIpc(post, createCodec(), nextId);
  const files = parts.createHeldFiles(post, nextId);
  parts.watchInput(files.hold, (keys) => shortcuts.has(keys), post);
  globals[names.api] = {
    ...ipc.api,
    ...files.api,
    setAccelerators(keys) {
      shortcuts = new Set(keys);
    },
  } satisfies WorldApi;

  const electron = {
    ipcRenderer: ipc.ipcRenderer,
    contextBridge: {
      exposeInMainWorld: (key: string, value: unknown): void => {
        bridge.expose(key, value);
      },
    },
    webUtils: { getPathForFile: files.pathOf },
  };
  const module = { exports: {} };
  const require = (name: string): unknown => {
    if (name === 'electron' || name === 'electron/renderer') return electron;
    throw new Error(`module not found: ${name}`);
  };
  const { platform, arch, chrome } = facts;
  const process = {
    ...{ type: 'renderer', sandboxed: true, contextIsolated: true, platform, arch, env: {} },
    versions: { chrome },
  };
  try {
    preload(require, module, module.exports, process, globalThis);
  } catch (cause) {
    console.error('Unable to load preload script', cause);
  }
}
