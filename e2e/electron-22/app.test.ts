/** Wyvern's own main process, preload and window in a real Electron. A script replaces the engine. */
import { expect as expectOf } from '@playwright/test';
import type * as Electron from 'electron';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChatPage } from '../chat-page.ts';
import { openedAddresses, refusedAddresses } from '../hostile/addresses.ts';
import { noteOpened } from '../opened-links.ts';
import { tinyLlama } from '../tiny-llama.ts';
import { canSandbox, MadeApp } from './launch.ts';
import type { Started } from './launch.ts';
import { makeApp } from './make-app.ts';
import { answerTo, endless, firstWords } from './scripted-engine.ts';

/** Longest wait for a busy machine. */
const patience = { timeout: 250_000 };
const expectPage = expectOf.configure(patience);

let made: MadeApp;
let running: Started;
let chat: ChatPage;

async function start(): Promise<void> {
  running = await made.start();
  running.page.setDefaultTimeout(patience.timeout);
  chat = new ChatPage(running.page);
  await running.page.waitForFunction(() => 'wyvern' in window);
}

const models = async (): Promise<string> =>
  JSON.stringify(await running.page.evaluate(async () => await window.wyvern.call('models.list', {})));

/** Runs a function in the main process; it travels as text. */
async function inMain<R, A = undefined>(
  run: (electron: typeof Electron, argument: A) => R | Promise<R>,
  argument?: A,
): Promise<R> {
  return await running.app.evaluate(run as never, argument as never);
}

beforeAll(async () => {
  made = new MadeApp(await makeApp());
  await start();
});
afterAll(async () => {
  await running.quit();
  rmSync(made.folder, { recursive: true, force: true });
});

describe('the window', () => {
  test('opens over the app scheme, is shown and draws the loaded model', async () => {
    expect(running.page.url()).toBe('app://wyvern/index.html');
    await expectPage(chat.modelState).toHaveAttribute('data-status', 'ready');
    await expectPage(chat.composer).toBeVisible();
    const shown = await inMain(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      return [window?.isVisible(), window?.getTitle(), BrowserWindow.getAllWindows().length];
    });
    expect(shown).toEqual([true, 'Wyvern', 1]);
    // Colours of a drawn page: an empty one has one.
    const colours = await inMain(async ({ BrowserWindow }) => {
      const picture = await BrowserWindow.getAllWindows()[0]?.webContents.capturePage();
      return new Set(picture ? new Uint32Array(new Uint8Array(picture.toBitmap()).buffer) : []).size;
    });
    expect(colours).toBeGreaterThan(20);
  });

  test('is sandboxed and isolated, and its page has the bridge and no Node', async () => {
    const preferences = await inMain(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): { sandbox: boolean; contextIsolation: boolean; nodeIntegration: boolean };
      };
      const { sandbox, contextIsolation, nodeIntegration } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration };
    });
    expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false });
    const seen = await running.page.evaluate(() => ({
      bridge: Object.keys(window.wyvern).sort(),
      frozen: Object.isFrozen(window.wyvern),
      node: ['require', 'process', 'module', 'Buffer', 'global', 'electron'].filter((name) => name in window),
      secure: window.isSecureContext,
    }));
    expect(seen).toEqual({ bridge: ['call', 'on', 'pathOf'], frozen: true, node: [], secure: true });
  });

  const sandbox = canSandbox ? '' : ' (skipped: this machine makes no user namespaces)';
  test.skipIf(!canSandbox)(`has a process that the system confines${sandbox}`, async () => {
    const pid = await inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId());
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(/^Seccomp:\s+(\d)/m.exec(status)?.[1]).toBe('2');
    expect(/^NoNewPrivs:\s+(\d)/m.exec(status)?.[1]).toBe('1');
  });

  test('serves only the app’s files, with its policy', async () => {
    const served = await running.page.evaluate(async () => {
      const paths = ['/', '/index.html', '/..%2fmain%2findex.js', '/%2e%2e/main/index.js', '/nothing.js'];
      const { headers } = await fetch('/index.html');
      return {
        statuses: await Promise.all(paths.map(async (path) => (await fetch(path)).status)),
        policy: headers.get('content-security-policy'),
        sniffing: headers.get('x-content-type-options'),
      };
    });
    expect(served.statuses).toEqual([200, 200, 404, 404, 404]);
    expect(served.policy).toContain("default-src 'none'; script-src 'self';");
    expect(served.sniffing).toBe('nosniff');
  });

  test('runs no script but its own', async () => {
    const ran = await running.page.evaluate(async () => {
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
      const script = (src: string): HTMLScriptElement => Object.assign(document.createElement('script'), { src });
      await settled(script('https://example.com/x.js'));
      await settled(script('data:text/javascript,window.marks.push("data")'));
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
});

describe('a chat', () => {
  test('streams an answer from the engine’s utility process until it is stopped', async () => {
    await chat.send(`${endless}, please`);
    await expectPage(chat.text(chat.answers.last())).toHaveText(firstWords.trim());
    await expectPage(chat.answers.last()).toHaveAttribute('data-state', 'streaming');
    const engines = await inMain(
      ({ app }) => app.getAppMetrics().filter(({ name }) => name === 'wyvern-engine').length,
    );
    expect(engines).toBe(1);
    await chat.stopButton.click();
    await expectPage(chat.answers.last()).toHaveAttribute('data-state', 'stopped');
    expect(await chat.stored()).toMatchObject([{ role: 'user' }, { text: firstWords, state: 'stopped' }]);
  });

  test('shows a whole answer as Markdown and keeps its text', async () => {
    await running.page.keyboard.press('Control+n');
    await chat.send('Good morning');
    await expectPage(chat.answers).toHaveCount(1);
    await expectPage(chat.answers.last()).toHaveAttribute('data-state', 'complete');
    await expectPage(chat.answers.last().locator('strong')).toHaveText('Good morning');
    expect((await chat.stored()).at(-1)).toMatchObject({ text: answerTo('Good morning'), state: 'complete' });
  });

  test('survives the death of its engine', async () => {
    await running.page.keyboard.press('Control+n');
    await chat.send(endless);
    await expectPage(chat.text(chat.answers.last())).toHaveText(firstWords.trim());
    await inMain(({ app }) => {
      const engine = app.getAppMetrics().find(({ name }) => name === 'wyvern-engine');
      if (engine) process.kill(engine.pid, 'SIGKILL');
    });
    await expectPage(chat.answers.last()).toHaveAttribute('data-state', 'interrupted');
    await expectPage(chat.modelState).toHaveAttribute('data-status', 'ready');
    await chat.send('Are you back?');
    await expectPage(chat.answers.last()).toHaveAttribute('data-state', 'complete');
  });

  test('refuses calls that the contract does not have or whose input is wrong', async () => {
    const refused = await running.page.evaluate(async () => {
      const { wyvern } = window as unknown as { wyvern: { call: (name: string, input: unknown) => Promise<unknown> } };
      return [await wyvern.call('conversations.open', { id: 7 }), await wyvern.call('no.such', {}).catch(String)];
    });
    expect(refused).toEqual([
      { ok: false, error: expect.objectContaining({ code: 'option-invalid' }) as object },
      'Error: The contract has no “no.such”.',
    ]);
  });
});

describe('the system', () => {
  const labels = (): Promise<(readonly string[])[]> =>
    inMain(({ Menu }) =>
      (Menu.getApplicationMenu()?.items ?? []).map(({ label, submenu }) => [
        label,
        ...(submenu?.items ?? []).filter(({ type }) => type !== 'separator').map((item) => item.label),
      ]),
    );

  test('gets menus in the person’s language, and their entries act', async () => {
    expect((await labels())[0]).toEqual(['File', 'Quit']);
    await chat.set({ language: 'de' });
    await expect.poll(async () => (await labels())[0], patience).toEqual(['Datei', 'Beenden']);
    await chat.set({ language: 'en' });
    await expect
      .poll(async () => (await labels()).map(([label]) => label), patience)
      .toEqual([...['File', 'Edit', 'View', 'Window']]);
    const zoom = async (label: string): Promise<number | undefined> =>
      await inMain(({ Menu, BrowserWindow }, wanted) => {
        const [window] = BrowserWindow.getAllWindows();
        const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []);
        items?.find((item) => item.label === wanted)?.click(undefined, window, window?.webContents);
        return window?.webContents.getZoomLevel();
      }, label);
    expect(await zoom('Zoom in')).toBe(0.5);
    expect(await zoom('Actual size')).toBe(0);
  });

  test('asks for files with the app’s words and kinds, and the chosen model is added', async () => {
    const second = join(made.folder, 'second');
    cpSync(tinyLlama, second, { recursive: true });
    await inMain(({ dialog }, path) => {
      dialog.showOpenDialog = (...given: unknown[]) => {
        Object.assign(globalThis, { asked: given.at(-1) });
        return Promise.resolve({ canceled: false, filePaths: [path] });
      };
    }, second);
    const opened = await running.page.evaluate(async () => await window.wyvern.call('models.choose', {}));
    expect(opened).toMatchObject({ ok: true });
    const asked = await inMain(() => (globalThis as unknown as { asked: object }).asked);
    expect(asked).toMatchObject({
      properties: ['openFile', 'multiSelections'],
      filters: [{ extensions: expect.arrayContaining(['pte', 'gguf', 'zip']) as string[] }, { extensions: ['*'] }],
    });
  });

  test('grants the page no permission but to write the clipboard', async () => {
    const states = await running.page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'];
      return await Promise.all(
        names.map(async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state),
      );
    });
    expect(new Set(states)).toEqual(new Set(['denied']));
    const position = await running.page.evaluate(
      async () =>
        await new Promise((settle) => {
          navigator.geolocation.getCurrentPosition(
            () => settle('found'),
            ({ code }) => settle(code),
          );
        }),
    );
    expect(position).toBe(1);
    await chat.answers.last().getByRole('button', { name: 'Copy' }).first().click();
    await expect
      .poll(async () => await inMain(({ clipboard }) => clipboard.readText()), patience)
      .toBe(answerTo('Are you back?'));
  });

  test('opens no window and no other address', async () => {
    const before = running.page.url();
    expect(await running.page.evaluate(() => window.open('https://example.com/popup') === null)).toBe(true);
    await expect.poll(running.log, patience).toContain('Refused a new window for https://example.com/popup');
    await running.page.evaluate(() => {
      location.href = 'https://example.com/elsewhere';
    });
    await expect.poll(running.log, patience).toContain('Refused to navigate to https://example.com/elsewhere');
    expect(running.page.url()).toBe(before);
    expect(running.app.windows()).toHaveLength(1);
    expect(await running.page.evaluate(() => 'wyvern' in window)).toBe(true);
  });

  test('opens only web pages and mail in other programs', async () => {
    const opened = await noteOpened({ shell: { evaluate: inMain } });
    const open = async (urls: readonly string[]): Promise<void> =>
      await running.page.evaluate(async (all) => {
        for (const url of all) await window.wyvern.call('links.open', { url });
      }, urls);
    await open(refusedAddresses);
    await open(openedAddresses);
    expect(await opened()).toEqual(openedAddresses);
  });

  test('makes no request of the page that would leave the machine, even without the page’s policy', async () => {
    const devtools = await running.page.context().newCDPSession(running.page);
    await devtools.send('Page.setBypassCSP', { enabled: true });
    await running.page.reload();
    const fetched = await running.page.evaluate(
      async () => await fetch('https://example.com/secret', { mode: 'no-cors' }).then(() => 'fetched', String),
    );
    await devtools.send('Page.setBypassCSP', { enabled: false });
    await running.page.reload();
    await devtools.detach();
    expect(fetched).toContain('Failed to fetch');
    expect(running.log()).toContain('Refused a request to https://example.com/secret');
  });

  test('gives dropped files by their paths', async () => {
    const third = join(made.folder, 'third');
    cpSync(tinyLlama, third, { recursive: true });
    const devtools = await running.page.context().newCDPSession(running.page);
    const data = { items: [], files: [third], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data });
    await devtools.detach();
    await expect.poll(models, patience).toContain(third);
  });
});

describe('the process', () => {
  test('hands a second start to the first, quits with its engine, and keeps the chats', async () => {
    const fourth = join(made.folder, 'fourth');
    cpSync(tinyLlama, fourth, { recursive: true });
    expect(await made.startSecond(fourth)).toBe(0);
    await expect.poll(models, patience).toContain(fourth);
    const engine = await inMain(({ app }) => app.getAppMetrics().find(({ name }) => name === 'wyvern-engine')?.pid);
    expect(await running.quit()).toBe(0);
    expect(() => process.kill(engine ?? 0, 0)).toThrow('ESRCH');

    await start();
    await chat.chat('Good morning').press('Enter');
    await expectPage(chat.text(chat.answers.last())).toHaveText('You wrote Good morning and nothing else.');
    expect(await models()).toContain(fourth);
  });

  test('loads the window again when its process crashes', async () => {
    await inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer());
    await expect.poll(running.log, patience).toContain("The window's process ended");
    await expect
      .poll(
        async () =>
          await inMain(
            async ({ BrowserWindow }) =>
              (await BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
                'document.querySelectorAll("textarea").length',
              )) as number,
          ),
        patience,
      )
      .toBe(1);
  });
});
