import { checks } from './check.ts';

const check = checks({ 'mödel with spaces.pte': 'four' });

check('loadURL resolves after the page has loaded, and the events come in order', {
  main: async (_electron, probe) => {
    const window = await probe.open();
    const { webContents } = window;
    const seen: string[] = [];
    for (const name of ['did-start-loading', 'did-navigate', 'dom-ready', 'did-finish-load', 'did-stop-loading'])
      probe.on(webContents, name, () => seen.push(name));
    await window.loadURL(webContents.getURL());
    await probe.until(() => !webContents.isLoading());
    return [seen, await probe.page(() => document.readyState)];
  },
  html: '<img src="/slow.png">',
  expected: [['did-start-loading', 'did-navigate', 'dom-ready', 'did-finish-load', 'did-stop-loading'], 'complete'],
});

check('a navigation of the page asks will-navigate, which can prevent it', {
  main: async (_electron, probe) => {
    const { webContents } = await probe.open();
    const asked: unknown[] = [];
    probe.on(webContents, 'will-navigate', (event: Electron.Event, url: string) => {
      asked.push(url);
      event.preventDefault();
    });
    const before = webContents.getURL();
    await probe.page(() => void (location.href = '/elsewhere'));
    await probe.until(() => asked.length === 1);
    await probe.page(() => document.querySelector('a')?.click());
    await probe.until(() => asked.length === 2);
    await probe.page(() => document.querySelector('form')?.submit());
    await probe.until(() => asked.length === 3);
    await probe.page(() => location.assign('http://127.0.0.1:65432/'));
    await probe.until(() => asked.length === 4);
    await probe.until(() => webContents.getURL() === before);
    return [asked, await probe.page(() => document.title)];
  },
  html: '<title>stays</title><a href="/link">link</a><form action="/form"></form>',
  expected: [
    ['probe://checks/elsewhere', 'probe://checks/link', 'probe://checks/form?', 'http://127.0.0.1:65432/'],
    'stays',
  ],
});

check('a navigation that nobody prevents happens', {
  main: async (_electron, probe) => {
    probe.serve('/next', () => ({ headers: { 'content-type': 'text/html' }, body: '<title>next</title>' }));
    const { webContents } = await probe.open();
    const done = probe.next(webContents, 'did-finish-load');
    await probe.page(() => void (location.href = '/next'));
    await done;
    return [webContents.getURL(), await probe.page(() => document.title)];
  },
  expected: ['probe://checks/next', 'next'],
});

check('changes inside the page and the app’s own loads do not ask will-navigate', {
  main: async (_electron, probe) => {
    const { webContents } = await probe.open();
    const seen: string[] = [];
    probe.on(webContents, 'will-navigate', () => seen.push('will-navigate'));
    probe.on(webContents, 'did-navigate-in-page', (_event, url: string) => seen.push(new URL(url).hash || 'in page'));
    await probe.page(() => void (location.hash = '#there'));
    await probe.page(() => history.pushState({}, '', '?state'));
    await probe.until(() => seen.length >= 2);
    await probe.open();
    const reloaded = probe.next(webContents, 'did-finish-load');
    webContents.reload();
    await reloaded;
    return seen;
  },
  expected: ['#there', 'in page'],
});

check('a reload by the page asks will-navigate', {
  main: async (_electron, probe) => {
    const { webContents } = await probe.open();
    let asked = 0;
    probe.on(webContents, 'will-navigate', (event: Electron.Event) => {
      asked++;
      event.preventDefault();
    });
    await probe.page(() => setTimeout(() => location.reload()));
    await probe.until(() => asked > 0);
    return asked;
  },
  expected: 1,
});

check('a frame inside the page navigates without will-navigate', {
  main: async (_electron, probe) => {
    probe.serve('/frame', () => ({ headers: { 'content-type': 'text/html' }, body: 'frame' }));
    const { webContents } = await probe.open();
    let asked = 0;
    probe.on(webContents, 'will-navigate', () => asked++);
    await probe.page(
      () =>
        new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.src = '/frame';
          frame.onload = () => resolve(true);
          document.body.append(frame);
        }),
    );
    return asked;
  },
  expected: 0,
});

check('will-frame-navigate asks for the top frame and for frames inside', {
  needs: 25,
  main: async (_electron, probe) => {
    const { webContents } = await probe.open();
    const asked: unknown[] = [];
    probe.on(webContents, 'will-frame-navigate', (event: Electron.Event & { isMainFrame: boolean; url: string }) => {
      asked.push(event.isMainFrame, event.url);
      event.preventDefault();
    });
    await probe.page(() => void (location.href = '/top'));
    await probe.until(() => asked.length === 2);
    await probe.page(() => {
      const frame = document.querySelector('iframe');
      if (frame?.contentWindow) frame.contentWindow.location.href = '/inside';
    });
    await probe.until(() => asked.length === 4);
    return asked;
  },
  html: '<iframe></iframe>',
  expected: [true, 'probe://checks/top', false, 'probe://checks/inside'],
});

check('a redirect of the server asks will-redirect', {
  main: async (_electron, probe) => {
    const http = probe.node('http');
    const server = http.createServer((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/target' });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { webContents } = await probe.open();
    const asked: string[] = [];
    probe.on(webContents, 'will-redirect', (event: Electron.Event, url: string) => {
      asked.push(new URL(url).pathname);
      event.preventDefault();
    });
    await probe.page((url: string) => void (location.href = url), `http://127.0.0.1:${port}/`);
    await probe.until(() => asked.length > 0);
    server.close();
    return asked;
  },
  expected: ['/target'],
});

check('window.open asks the handler, and returns null if it denies', {
  main: async (_electron, probe) => {
    const { webContents } = await probe.open();
    const asked: unknown[] = [];
    webContents.setWindowOpenHandler(({ url, frameName, features, disposition }) => {
      asked.push({ url, frameName, features, disposition });
      return { action: 'deny' };
    });
    const result = await probe.page(() => {
      const opened = [
        window.open('/one'),
        window.open('https://example.invalid/two', 'named', 'width=100,height=50'),
        window.open('/three', '_blank', 'noopener'),
      ];
      document.querySelector('a')?.click();
      return opened;
    });
    await probe.until(() => asked.length >= 4);
    return [result, asked];
  },
  html: '<a href="/link" target="_blank">link</a>',
  expected: [
    [null, null, null],
    [
      { url: 'probe://checks/one', frameName: '', features: '', disposition: 'foreground-tab' },
      {
        url: 'https://example.invalid/two',
        frameName: 'named',
        features: 'width=100,height=50',
        disposition: 'new-window',
      },
      { url: 'probe://checks/three', frameName: '', features: 'noopener', disposition: 'foreground-tab' },
      { url: 'probe://checks/link', frameName: '', features: '', disposition: 'foreground-tab' },
    ],
  ],
});

check('a download asks will-download, which can prevent it', {
  main: async ({ session }, probe) => {
    await probe.open();
    const asked = probe.next(session.defaultSession, 'will-download');
    session.defaultSession.once('will-download', (event) => event.preventDefault());
    await probe.page(() => document.querySelector('a')?.click());
    const [, item, contents] = (await asked) as [unknown, Electron.DownloadItem, Electron.WebContents];
    return [contents.id > 0, typeof item];
  },
  html: '<a href="data:text/plain,text" download="name.txt">save</a>',
  expected: [true, 'object'],
});

check('a download goes to the path that the app sets', {
  main: async ({ session }, probe) => {
    await probe.open();
    const path = probe.path('saved.txt');
    const done = new Promise((resolve) => {
      session.defaultSession.once('will-download', (_event, item) => {
        item.setSavePath(path);
        item.once('done', (_done, state) => resolve([item.getFilename(), state]));
      });
    });
    await probe.page(() => document.querySelector('a')?.click());
    const fs = probe.node('fs');
    return [await done, fs.readFileSync(path, 'utf8')];
  },
  html: '<a href="data:text/plain,text" download="name.txt">save</a>',
  expected: [['name.txt', 'completed'], 'text'],
});

check('executeJavaScript resolves with a clone, waits for promises and rejects with the error', {
  main: async (_electron, probe) => {
    const { webContents } = await probe.open();
    const run = (code: string): Promise<unknown> => webContents.executeJavaScript(code).then(show, String);
    return [
      await run('[1, { two: 2 }]'),
      await run('Promise.resolve("later")'),
      await run('Promise.reject(new RangeError("no"))'),
      await run('undefined'),
    ];
  },
  expected: ['[1,{two:2}]', '"later"', 'Error: no', 'undefined'],
});

check('dropped files reach the page, with their names and sizes', {
  main: async (_electron, probe) => {
    const path = probe.path('mödel with spaces.pte');
    await probe.open();
    await probe.page(() => {
      document.documentElement.style.height = '100%';
      addEventListener('dragover', (event) => event.preventDefault());
      addEventListener('drop', (event) => {
        event.preventDefault();
        Object.assign(globalThis, {
          dropped: [...(event.dataTransfer?.files ?? [])].map(({ name, size }) => ({ name, size })),
          types: event.dataTransfer?.types,
        });
      });
    });
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'])
      await probe.devtools('Input.dispatchDragEvent', { type, x: 50, y: 50, data });
    let seen: unknown;
    while (!seen) seen = await probe.page(() => (globalThis as { dropped?: unknown }).dropped);
    return [seen, await probe.page(() => (globalThis as { types?: unknown }).types)];
  },
  expected: [[{ name: 'm\u00f6del with spaces.pte', size: 4 }], ['Files']],
});

check('webUtils.getPathForFile returns the path of a dropped file, and nothing for a file of the page', {
  needs: 29,
  main: async (_electron, probe) => {
    const path = probe.path('mödel with spaces.pte');
    await probe.open();
    await probe.page(() => {
      addEventListener('dragover', (event) => event.preventDefault());
      addEventListener('drop', (event) => {
        event.preventDefault();
        Object.assign(globalThis, {
          paths: [...(event.dataTransfer?.files ?? [])].map((file) => bridge.pathOf(file) as string),
        });
      });
    });
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'])
      await probe.devtools('Input.dispatchDragEvent', { type, x: 50, y: 50, data });
    let seen: unknown;
    while (!seen) seen = await probe.page(() => (globalThis as { paths?: unknown }).paths);
    return [(seen as string[])[0] === path, await probe.page(() => bridge.pathOf(new File(['x'], 'made.pte')))];
  },
  preload: ({ contextBridge, webUtils }) =>
    contextBridge.exposeInMainWorld('bridge', { pathOf: (file: File) => webUtils.getPathForFile(file) }),
  expected: [true, ''],
});

check('the window knows its state', {
  main: async ({ BrowserWindow }, probe) => {
    const window = await probe.open();
    const shown = probe.next(window, 'show');
    window.show();
    await shown;
    return [
      window.isVisible(),
      window.isDestroyed(),
      window.isMinimized(),
      BrowserWindow.getAllWindows().length,
      BrowserWindow.getAllWindows()[0] === window,
      BrowserWindow.fromWebContents(window.webContents) === window,
    ];
  },
  expected: [true, false, false, 1, true, true],
});

check('themeSource decides what the page prefers', {
  main: async ({ nativeTheme }, probe) => {
    await probe.open();
    const seen: unknown[] = [];
    for (const source of ['dark', 'light'] as const) {
      const updated = probe.next(nativeTheme, 'updated');
      nativeTheme.themeSource = source;
      await updated;
      let dark: unknown;
      while (dark !== (source === 'dark'))
        dark = await probe.page(() => matchMedia('(prefers-color-scheme: dark)').matches);
      seen.push(nativeTheme.themeSource, nativeTheme.shouldUseDarkColors, dark);
    }
    nativeTheme.themeSource = 'system';
    let refused = '';
    try {
      nativeTheme.themeSource = 'blue' as never;
    } catch (cause) {
      refused = String(cause);
    }
    return [seen, nativeTheme.themeSource, refused];
  },
  expected: [
    ['dark', true, true, 'light', false, false],
    'system',
    'TypeError: Error processing argument at index 0, conversion failure from blue',
  ],
});

check('a window closes after its close event, which can be prevented', {
  main: async (_electron, probe) => {
    const window = await probe.open();
    const seen: string[] = [];
    window.once('close', (event) => {
      seen.push('prevented');
      event.preventDefault();
    });
    window.close();
    await probe.until(() => seen.length === 1);
    seen.push(String(window.isDestroyed()));
    probe.on(window, 'close', () => seen.push('close'));
    const closed = probe.next(window, 'closed');
    window.close();
    await closed;
    return [...seen, window.isDestroyed()];
  },
  expected: ['prevented', 'false', 'close', true],
});

check('loadURL rejects with the code of the network error', {
  main: async (_electron, probe) => {
    const window = await probe.open();
    const port = await probe.closedPort();
    const stopped = probe.next(window.webContents, 'did-stop-loading');
    const failure = await window
      .loadURL(`http://127.0.0.1:${port}/`)
      .catch((cause: unknown) => [(cause as { code: string }).code, String(cause).includes(String(port))]);
    // Chromium shows its own page about the error.
    await stopped;
    return failure;
  },
  expected: ['ERR_CONNECTION_REFUSED', true],
});

check('getURL is the address of the page', {
  main: async (_electron, probe) => {
    const window = await probe.open();
    const url = window.webContents.getURL();
    await window.loadURL(`${url}?query=1#hash`);
    return [url.split('/').slice(0, 3), window.webContents.getURL() === `${url}?query=1#hash`];
  },
  expected: [['probe:', '', 'checks'], true],
});

check('the page survives the end of its process after a reload', {
  main: async (_electron, probe) => {
    const window = await probe.open();
    const { webContents } = window;
    const gone = probe.next(webContents, 'render-process-gone');
    void window.loadURL('chrome://crash').catch(() => undefined);
    const [, details] = (await gone) as [unknown, { reason: string }];
    const crashed = webContents.isCrashed();
    const loaded = probe.next(webContents, 'did-finish-load');
    webContents.reload();
    await loaded;
    return [details.reason, crashed, webContents.isCrashed(), await probe.page(() => bridge.value)];
  },
  preload: ({ contextBridge }) => contextBridge.exposeInMainWorld('bridge', { value: 'alive' }),
  expected: ['crashed', true, false, 'alive'],
});

check('keys of the menu run its item', {
  main: async ({ Menu }, probe) => {
    const window = await probe.open();
    window.show();
    window.focus();
    const clicked: string[] = [];
    const menu = Menu.buildFromTemplate([
      {
        label: 'Top',
        submenu: [
          { label: 'One', accelerator: 'CommandOrControl+Shift+Y', click: () => clicked.push('one') },
          { label: 'Two', accelerator: 'Ctrl+U', enabled: false, click: () => clicked.push('two') },
        ],
      },
    ]);
    Menu.setApplicationMenu(menu);
    const press = (keyCode: string, modifiers: ('control' | 'shift')[]): void => {
      window.webContents.sendInputEvent({ type: 'keyDown', keyCode, modifiers });
      window.webContents.sendInputEvent({ type: 'keyUp', keyCode, modifiers });
    };
    press('U', ['control']);
    press('Y', ['control', 'shift']);
    await probe.until(() => clicked.length > 0);
    Menu.setApplicationMenu(null);
    return clicked;
  },
  expected: ['one'],
});
