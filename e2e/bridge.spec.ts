/** The page can reach only the contract, not the system. */
import { contractViolations } from '../main/testing/contract-violations.ts';
import { callNames, eventNames } from '../preload/names.ts';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { openedAddresses, refusedAddresses } from './hostile/addresses.ts';
import { noteOpened } from './opened-links.ts';
import { reload } from './reload.ts';

/** The bridge as a hostile page sees it, without types. */
interface UntypedWindow {
  readonly wyvern: {
    readonly call: (
      name: string,
      input: unknown,
    ) => Promise<{ readonly ok: boolean; readonly error?: { readonly code: string } }>;
    readonly on: (name: string, listener: () => void) => () => void;
  };
}

test('the page has the bridge and no Node', async ({ page }) => {
  const seen = await page.evaluate(() => ({
    bridge: Object.keys(window.wyvern).sort(),
    frozen: Object.isFrozen(window.wyvern),
    node: ['require', 'process', 'module', 'Buffer', 'global', 'electron'].filter((name) => name in window),
    secure: window.isSecureContext,
  }));
  expect(seen).toEqual({ bridge: ['call', 'on', 'pathOf'], frozen: true, node: [], secure: true });
});

test('the page cannot replace the bridge', async ({ page }) => {
  const replaced = await page.evaluate(() => {
    const { wyvern } = window;
    for (const attempt of [
      () => Object.assign(window, { wyvern: {} }),
      () => Object.defineProperty(window, 'wyvern', { value: {} }),
      () => Object.assign(wyvern, { call: () => undefined }),
    ]) {
      try {
        attempt();
      } catch {
        // Refused, as expected.
      }
    }
    return window.wyvern !== wyvern || Object.keys(window.wyvern).length !== 3;
  });
  expect(replaced).toBe(false);
});

test('the bridge serves exactly the calls of the contract', async ({ page }) => {
  const answers = await page.evaluate(
    async (names) => {
      const { wyvern } = window as unknown as UntypedWindow;
      const wrong = names.map(async (name) => [
        name,
        await wyvern.call(name, 'not an object').then(({ error }) => error?.code),
      ]);
      const foreign = ['', 'app.quit', 'constructor', '__proto__', 'call:app.info', 'models.list '];
      const refused = foreign.map((name) =>
        wyvern.call(name, {}).then(
          () => 'served',
          () => 'refused',
        ),
      );
      return { wrong: Object.fromEntries(await Promise.all(wrong)) as unknown, refused: await Promise.all(refused) };
    },
    [...callNames],
  );
  expect(answers.wrong).toEqual(Object.fromEntries([...callNames].map((name) => [name, 'option-invalid'])));
  expect(new Set(answers.refused)).toEqual(new Set(['refused']));
});

test('the bridge offers exactly the events of the contract', async ({ page }) => {
  const heard = await page.evaluate(
    (names) => {
      const { wyvern } = window as unknown as UntypedWindow;
      const listen = (name: string): string => {
        try {
          wyvern.on(name, () => undefined)();
          return 'heard';
        } catch {
          return 'refused';
        }
      };
      return { own: names.map(listen), foreign: ['', 'app.quit', 'event:chat.tokens', '__proto__'].map(listen) };
    },
    [...eventNames],
  );
  expect(new Set(heard.own)).toEqual(new Set(['heard']));
  expect(new Set(heard.foreign)).toEqual(new Set(['refused']));
});

test('every call refuses a wrong type, a missing field and a size beyond its bound', async ({ page }) => {
  // 64 MB would take the debugger minutes; `ipc.test.ts` sends them.
  const violations = contractViolations().filter(({ what }) => what !== 'bytes is too long');
  expect(new Set(violations.map(({ call }) => call))).toEqual(new Set(callNames));
  const accepted = await page.evaluate(
    async (all) => {
      const { wyvern } = window as unknown as UntypedWindow;
      const answers = all.map(async ({ call, what, input }) => {
        const { error } = await wyvern.call(call, input);
        return error?.code === 'option-invalid' ? [] : [`${call}: ${what}`];
      });
      return (await Promise.all(answers)).flat();
    },
    [...violations],
  );
  expect(accepted).toEqual([]);
});

test('links open only web pages and mail', async ({ app, page }) => {
  const opened = await noteOpened(app);
  const open = async (urls: readonly string[]): Promise<ReadonlySet<string>> =>
    new Set(
      await page.evaluate(
        async (all) =>
          await Promise.all(
            all.map(async (url) => {
              const result = await window.wyvern.call('links.open', { url });
              return result.ok ? `opened ${url}` : result.error.code;
            }),
          ),
        urls,
      ),
    );
  expect(await open(refusedAddresses)).toEqual(new Set(['link-refused', 'option-invalid']));
  expect(await open(openedAddresses)).toEqual(new Set(openedAddresses.map((url) => `opened ${url}`)));
  expect(await opened()).toEqual(openedAddresses);
});

test.describe('attacks', () => {
  test.use({ launch: { attacks: true } });

  test('only scripts from the app’s own files run', async ({ page }) => {
    const ran = await page.evaluate(async () => {
      const marks: string[] = [];
      Object.assign(window, { marks });
      const settled = (element: HTMLElement): Promise<unknown> =>
        new Promise((resolve) => {
          element.addEventListener('load', resolve);
          element.addEventListener('error', resolve);
          document.body.append(element);
        });
      const inline = document.createElement('script');
      inline.textContent = 'window.marks.push("inline")';
      document.body.append(inline);
      const remote = Object.assign(document.createElement('script'), { src: 'https://example.com/x.js' });
      const data = Object.assign(document.createElement('script'), {
        src: 'data:text/javascript,window.marks.push("data")',
      });
      const image = Object.assign(document.createElement('img'), { src: 'https://example.com/x.png' });
      await Promise.all([settled(remote), settled(data), settled(image)]);
      try {
        // eslint-disable-next-line no-new-func, @typescript-eslint/no-implied-eval -- the policy must refuse it
        (new Function('window.marks.push("eval")') as () => void)();
      } catch {
        // Refused, as expected.
      }
      const fetched = await fetch('https://example.com/').then(
        () => 'fetched',
        () => 'refused',
      );
      return { marks, fetched };
    });
    expect(ran).toEqual({ marks: [], fetched: 'refused' });
  });

  test('the window does not navigate', async ({ app, page }) => {
    const before = page.url();
    expect(await page.evaluate(() => window.open('https://example.com/popup') === null)).toBe(true);
    await expect.poll(() => app.log).toContain('Refused a new window for https://example.com/popup');
    await page.evaluate(() => {
      location.href = 'https://example.com/elsewhere';
    });
    await expect.poll(() => app.log).toContain('Refused to navigate to https://example.com/elsewhere');
    expect(page.url()).toBe(before);
    expect(page.context().pages()).toHaveLength(1);
    expect(await page.evaluate(() => 'wyvern' in window)).toBe(true);
  });
});

test('the app scheme serves only the app’s files', async ({ page }) => {
  const statuses = await page.evaluate(async () => {
    const paths = [
      '/',
      '/index.html',
      '/../main/index.js',
      '/..%2fmain%2findex.js',
      '/%2e%2e/main/index.js',
      '/nothing.js',
    ];
    return await Promise.all(paths.map(async (path) => (await fetch(path)).status));
  });
  expect(statuses).toEqual([200, 200, 404, 404, 404, 404]);
});

test('permissions are denied', async ({ page }) => {
  const states = await page.evaluate(async () => {
    const names = [
      'geolocation',
      'notifications',
      'camera',
      'microphone',
      'clipboard-read',
      'midi',
    ] as PermissionName[];
    return await Promise.all(names.map(async (name) => (await navigator.permissions.query({ name })).state));
  });
  expect(new Set(states)).toEqual(new Set(['denied']));
});

test('a chat makes no request beyond the app’s own files', async ({ app, page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await reload(app);
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.send('Show me some code.');
  await chat.lastAnswer('complete');
  await chat.openSettings();
  const own = new URL(page.url()).origin;
  expect(requests.length).toBeGreaterThan(2);
  expect(
    requests.filter((url) => !['data:', 'blob:'].includes(new URL(url).protocol) && !url.startsWith(`${own}/`)),
  ).toEqual([]);
});
