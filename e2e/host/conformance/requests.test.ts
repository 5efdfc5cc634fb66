import { checks } from './check.ts';

const check = checks();

check('the page of a standard, secure scheme is a secure context with storage', {
  page: async () => {
    localStorage.setItem('key', 'value');
    return [isSecureContext, localStorage.getItem('key'), typeof crypto.subtle, await caches.keys()];
  },
  expected: [true, 'value', 'object', []],
});

check('relative and absolute addresses of the page reach the handler', {
  before: (_electron, probe) => {
    for (const path of ['/data', '/folder/data'])
      probe.serve(path, ({ url, method }) => ({ headers: { 'content-type': 'text/plain' }, body: `${method} ${url}` }));
  },
  page: async () =>
    await Promise.all(
      ['data', '/data?query=a%20b', './folder/../folder/data'].map(async (url) => await (await fetch(url)).text()),
    ),
  expected: ['GET probe://checks/data', 'GET probe://checks/data?query=a%20b', 'GET probe://checks/folder/data'],
});

check('status, headers and body of an answer arrive', {
  before: (_electron, probe) => {
    probe.serve('/teapot', () => ({
      status: 418,
      headers: { 'content-type': 'text/plain', 'x-own': 'ünï'.normalize() === '' ? '' : 'own' },
      body: 'bödy',
    }));
  },
  page: async () => {
    const response = await fetch('/teapot');
    return [
      response.status,
      response.ok,
      response.headers.get('x-own'),
      response.headers.get('content-type'),
      await response.text(),
    ];
  },
  expected: [418, false, 'own', 'text/plain', 'b\u00f6dy'],
});

check('the body of a request reaches the handler', {
  before: (_electron, probe) =>
    probe.serve('/post', ({ method, body }) => ({
      headers: { 'content-type': 'text/plain' },
      body: `${method} ${body}`,
    })),
  page: async () => await (await fetch('/post', { method: 'POST', body: 'sent text' })).text(),
  expected: 'POST sent text',
});

check('the content security policy of an answer holds', {
  main: async (_electron, probe) => {
    const window = await probe.open();
    probe.serve('/strict', () => ({
      headers: { 'content-type': 'text/html', 'content-security-policy': "default-src 'none'; script-src 'self'" },
      body: '<script>globalThis.inline = true;</script><script src="/own.js"></script>',
    }));
    probe.serve('/own.js', () => ({ headers: { 'content-type': 'text/javascript' }, body: 'globalThis.own = true;' }));
    await window.loadURL('probe://checks/strict');
    return await probe.page(async () => {
      const { inline = false, own = false } = globalThis as { inline?: boolean; own?: boolean };
      const fetched = await fetch('/own.js').then(
        () => 'fetched',
        () => 'refused',
      );
      return [inline, own, fetched];
    });
  },
  expected: [false, true, 'refused'],
});

check('a handler that fails fails the request', {
  before: (_electron, probe) => probe.serve('/missing', () => ({ status: 404, body: 'nothing' })),
  page: async () => {
    const missing = await fetch('/missing');
    return [missing.status, await missing.text(), await fetch('/not-served').then(({ status }) => status)];
  },
  expected: [404, 'nothing', 404],
});

check('protocol.handle refuses a second handler of a scheme', {
  needs: 25,
  main: ({ protocol }) => {
    try {
      protocol.handle('probe', () => new Response(''));
      return 'handled';
    } catch (cause) {
      return String(cause);
    }
  },
  expected: 'Error: Failed to register protocol: probe',
});

check('protocol.handle gets the request and answers with a Response', {
  needs: 25,
  main: async ({ protocol }, probe) => {
    protocol.handle('other', async (request) => {
      const text = `${request.method} ${request.url} ${request.headers.get('x-own') ?? ''} ${await request.text()}`;
      return new Response(text, {
        status: 201,
        headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' },
      });
    });
    await probe.open();
    const seen = [protocol.isProtocolHandled('other')];
    protocol.unhandle('other');
    return [...seen, protocol.isProtocolHandled('other')];
  },
  expected: [true, false],
});

check('registerSchemesAsPrivileged refuses once the app is ready', {
  main: ({ protocol }) => {
    try {
      protocol.registerSchemesAsPrivileged([{ scheme: 'late', privileges: { standard: true, secure: true } }]);
      return 'registered';
    } catch (cause) {
      return String(cause);
    }
  },
  expected: 'Error: protocol.registerSchemesAsPrivileged should be called before app is ready',
});

check('onBeforeRequest gets every request of the page, with its kind', {
  main: async ({ session }, probe) => {
    const seen: string[] = [];
    for (const path of ['/style.css', '/script.js', '/picture.png', '/data', '/frame'])
      probe.serve(path, () => ({
        headers: {
          'content-type':
            path === '/frame'
              ? 'text/html'
              : path.endsWith('css')
                ? 'text/css'
                : path.endsWith('js')
                  ? 'text/javascript'
                  : 'text/plain',
        },
      }));
    session.defaultSession.webRequest.onBeforeRequest(
      ({ url, method, resourceType, webContentsId, id, timestamp }, callback) => {
        const { pathname } = new URL(url);
        if (pathname !== '/favicon.ico')
          seen.push(
            `${method} ${/^\/\d+$/.test(pathname) ? 'page' : pathname} ${resourceType} ${webContentsId} ${typeof id} ${typeof timestamp}`,
          );
        callback({});
      },
    );
    const window = await probe.open();
    await probe.page(async () => {
      await fetch('/data', { method: 'POST', body: 'x' });
      await new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.open('GET', '/data');
        request.onload = resolve;
        request.send();
      });
    });
    session.defaultSession.webRequest.onBeforeRequest(null);
    return [...new Set(seen.map((line) => line.replace(` ${window.webContents.id} `, ' own ')))].sort();
  },
  html: '<link rel="stylesheet" href="/style.css"><script src="/script.js"></script><img src="/picture.png"><iframe src="/frame"></iframe>',
  expected: [
    'GET /data xhr own number number',
    'GET /frame subFrame own number number',
    'GET /picture.png image own number number',
    'GET /script.js script own number number',
    'GET /style.css stylesheet own number number',
    'GET page mainFrame own number number',
    'POST /data xhr own number number',
  ],
});

check('a request that onBeforeRequest cancels fails in the page', {
  main: async ({ session }, probe) => {
    await probe.open();
    const asked: string[] = [];
    session.defaultSession.webRequest.onBeforeRequest(({ url }, callback) => {
      asked.push(url);
      callback({ cancel: true });
    });
    const seen = await probe.page(async () => [
      await fetch('http://127.0.0.1:1/').catch(String),
      await fetch('/own').catch(String),
      await new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve('loaded');
        image.onerror = () => resolve('failed');
        image.src = 'http://127.0.0.1:1/picture.png';
      }),
      await new Promise((resolve) => {
        const socket = new WebSocket('ws://127.0.0.1:1/socket');
        socket.onerror = () => resolve('failed');
      }),
      navigator.sendBeacon('http://127.0.0.1:1/beacon'),
    ]);
    await probe.until(() => asked.some((url) => url.endsWith('/beacon')));
    session.defaultSession.webRequest.onBeforeRequest(null);
    return [seen, asked];
  },
  expected: [
    ['TypeError: Failed to fetch', 'TypeError: Failed to fetch', 'failed', 'failed', true],
    [
      'http://127.0.0.1:1/',
      'probe://checks/own',
      'http://127.0.0.1:1/picture.png',
      'ws://127.0.0.1:1/socket',
      'http://127.0.0.1:1/beacon',
    ],
  ],
});

check('the permission handlers decide what the page may do', {
  main: async ({ session }, probe) => {
    const asked = new Set<string>();
    session.defaultSession.setPermissionCheckHandler((_contents, permission, origin, details) => {
      if (new URL(origin).host === 'checks' && details.isMainFrame) asked.add(`check ${permission}`);
      return permission === 'clipboard-sanitized-write';
    });
    session.defaultSession.setPermissionRequestHandler((contents, permission, callback, details) => {
      if (contents.id > 0 && new URL(details.requestingUrl).host === 'checks') asked.add(`request ${permission}`);
      callback(permission === 'clipboard-sanitized-write');
    });
    const window = await probe.open();
    window.show();
    window.focus();
    const seen = await probe.page(async () => {
      const state = async (name: string): Promise<string> =>
        (await navigator.permissions.query({ name: name as PermissionName })).state;
      return {
        notifications: await state('notifications'),
        geolocation: await state('geolocation'),
        camera: await state('camera'),
        write: await state('clipboard-write'),
        read: await state('clipboard-read'),
        notify: await Notification.requestPermission(),
        position: await new Promise((resolve) =>
          navigator.geolocation.getCurrentPosition(
            () => resolve('given'),
            ({ code }) => resolve(code),
          ),
        ),
      };
    });
    session.defaultSession.setPermissionCheckHandler(null);
    session.defaultSession.setPermissionRequestHandler(null);
    const expected = [
      ...['clipboard-read', 'clipboard-sanitized-write', 'geolocation', 'media', 'notifications'].map(
        (n) => `check ${n}`,
      ),
      ...['geolocation', 'notifications'].map((n) => `request ${n}`),
    ];
    return [seen, expected.filter((name) => !asked.has(name))];
  },
  expected: [
    {
      notifications: 'denied',
      geolocation: 'denied',
      camera: 'denied',
      write: 'granted',
      read: 'denied',
      notify: 'denied',
      position: 1,
    },
    [],
  ],
});

check('the page copies and pastes as the permission handlers allow', {
  main: async ({ session }, probe) => {
    const { defaultSession } = session;
    defaultSession.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write');
    defaultSession.setPermissionRequestHandler((_contents, permission, callback) =>
      callback(permission === 'clipboard-sanitized-write'),
    );
    const window = await probe.open();
    window.show();
    window.focus();
    await probe.until(() => probe.page(() => document.hasFocus()));
    const seen = await probe.page(async () => {
      const write = await navigator.clipboard.writeText('cöpied').then(() => 'written', String);
      const read = await navigator.clipboard.readText().then(String, (cause: unknown) => (cause as Error).name);
      document.querySelector('textarea')?.focus();
      return [write, read];
    });
    // A person may paste all the same.
    await probe.devtools('Input.dispatchKeyEvent', { type: 'keyDown', key: 'v', commands: ['Paste'] });
    await probe.until(() => probe.page(() => document.querySelector('textarea')?.value));
    defaultSession.setPermissionCheckHandler(null);
    defaultSession.setPermissionRequestHandler(null);
    return [seen, await probe.page(() => document.querySelector('textarea')?.value)];
  },
  html: '<textarea></textarea>',
  expected: [['written', 'NotAllowedError'], 'cöpied'],
});

check('without handlers every permission is granted', {
  main: async (_electron, probe) => {
    await probe.open();
    return await probe.page(async () => {
      const state = async (name: string): Promise<string> =>
        (await navigator.permissions.query({ name: name as PermissionName })).state;
      return [
        await state('notifications'),
        await state('geolocation'),
        await state('clipboard-write'),
        await state('clipboard-read'),
      ];
    });
  },
  expected: ['granted', 'granted', 'granted', 'granted'],
});
