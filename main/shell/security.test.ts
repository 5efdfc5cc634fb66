/** Checks the window's restrictions with every kind of address that hostile text could contain. */
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { openedAddresses, refusedAddresses } from '../../e2e/hostile/addresses.ts';
import { openLink } from './links.ts';
import { hardenApp, hardenSession, isAppFrame } from './security.ts';

type Handler = (...args: never[]) => unknown;
const { app, handlers, opened } = vi.hoisted(() => ({
  app: { created: undefined as Handler | undefined, sandboxed: false },
  handlers: new Map<string, Handler>(),
  opened: [] as string[],
}));
vi.mock('electron', () => {
  const keep = (name: string) => (handler: Handler) => void handlers.set(name, handler);
  return {
    app: {
      enableSandbox: () => (app.sandboxed = true),
      on: (_name: string, handler: Handler) => (app.created = handler),
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: keep('request'),
        setPermissionCheckHandler: keep('check'),
        setDevicePermissionHandler: keep('device'),
        webRequest: { onBeforeRequest: keep('before') },
      },
    },
    protocol: {},
    // Every request to the system.
    shell: new Proxy({}, { get: () => (url: string) => Promise.resolve(void opened.push(url)) }),
  };
});

const addresses = [...refusedAddresses, ...openedAddresses];

class Contents extends EventEmitter {
  openHandler: ((details: { readonly url: string }) => { readonly action: string }) | undefined;
  setWindowOpenHandler(handler: Contents['openHandler']): void {
    this.openHandler = handler;
  }
}

function hardened(): Contents {
  hardenApp();
  const contents = new Contents();
  app.created?.(...([{}, contents] as never[]));
  return contents;
}

function handler(name: string): (...args: unknown[]) => unknown {
  const found = handlers.get(name);
  if (!found) throw new Error(`No handler of ${name}`);
  return found as (...args: unknown[]) => unknown;
}

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  opened.length = 0;
  hardenSession();
});

test('every address is tried in more than forty schemes, and as shares and paths', () => {
  const schemes = new Set(refusedAddresses.map((url) => /^[a-z][a-z0-9+.-]*(?=:)/i.exec(url)?.[0].toLowerCase()));
  expect(schemes.size).toBeGreaterThanOrEqual(40);
  expect(refusedAddresses.filter((url) => url.startsWith('\\\\') || url.startsWith('//')).length).toBeGreaterThan(2);
});

describe('an address', () => {
  test.each(refusedAddresses)('%j is not opened', async (url) => {
    await expect(openLink(url)).rejects.toMatchObject({ error: { code: 'link-refused' } });
    expect(opened).toEqual([]);
  });

  test.each(openedAddresses)('%j is', async (url) => {
    await openLink(url);
    expect(opened).toEqual([url]);
  });

  test.each(addresses)('%j gets no window', (url) => {
    expect(hardened().openHandler?.({ url })).toEqual({ action: 'deny' });
  });

  test.each(addresses)('%j is not navigated to, in any frame', (url) => {
    const contents = hardened();
    for (const [name, isMainFrame] of [
      ['will-navigate', true],
      ['will-frame-navigate', false],
      ['will-redirect', true],
    ] as const) {
      const preventDefault = vi.fn();
      contents.emit(name, { url, isMainFrame, preventDefault });
      expect(preventDefault, name).toHaveBeenCalledOnce();
    }
  });

  test.each(addresses.filter((url) => !/^(app|data|blob|devtools):/i.test(url)))('%j is not requested', (url) => {
    const callback = vi.fn();
    handler('before')({ url }, callback);
    expect(callback.mock.calls).toEqual([[{ cancel: true }]]);
  });
});

test('webviews are refused, and every window is sandboxed', () => {
  const preventDefault = vi.fn();
  hardened().emit('will-attach-webview', { preventDefault });
  expect(preventDefault).toHaveBeenCalledOnce();
  expect(app.sandboxed).toBe(true);
});

test('the app’s own page may copy text; everything else is denied', () => {
  const asked = (permission: string, requestingUrl: string): unknown => {
    const callback = vi.fn();
    handler('request')({}, permission, callback, { requestingUrl });
    const checked = handler('check')({}, permission, requestingUrl);
    expect(callback.mock.calls).toEqual([[checked]]);
    return checked;
  };
  expect(asked('clipboard-sanitized-write', 'app://wyvern/index.html')).toBe(true);
  const foreign = ['https://example.com/', 'app://wyvern.example.com/', 'app://wyvernx/', 'file:///index.html', ''];
  for (const url of foreign) expect(asked('clipboard-sanitized-write', url)).toBe(false);
  const others = [
    'media',
    'geolocation',
    'notifications',
    'midi',
    'pointerLock',
    'clipboard-read',
    'fullscreen',
    'hid',
  ];
  for (const permission of others) expect(asked(permission, 'app://wyvern/index.html')).toBe(false);
  expect(handler('device')({})).toBe(false);
});

test('only the top frame of the app’s own page may call', () => {
  const own = { url: 'app://wyvern/index.html', parent: null };
  expect(isAppFrame(own)).toBe(true);
  expect(isAppFrame({ ...own, parent: own as never })).toBe(false);
  for (const url of addresses) expect(isAppFrame({ url, parent: null })).toBe(false);
});
