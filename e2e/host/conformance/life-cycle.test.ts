import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { lacking, mainModule, runApp } from './check.ts';
import { makeApp } from './target.ts';

test('an app is ready once, after its main module ran', async () => {
  const { notes, status } = await runApp(({ app }, note) => {
    note(`ready: ${app.isReady()}`);
    app.once('ready', () => note(`event: ${app.isReady()}`));
    void app.whenReady().then(() => note('promise'));
    void app.whenReady().then(async () => {
      await app.whenReady();
      note('again');
      app.exit(0);
    });
    note('end of module');
  }).ended;
  expect(notes).toEqual(['ready: false', 'end of module', 'event: true', 'promise', 'again']);
  expect(status).toBe(0);
});

test('quitting emits its events in order', async () => {
  const { notes, status } = await runApp(({ app }, note) => {
    for (const name of ['before-quit', 'will-quit', 'quit', 'window-all-closed'] as const)
      app.on(name as 'quit', (_event, code?: number) => note(code === undefined ? name : `${name} ${code}`));
    void app.whenReady().then(() => app.quit());
  }).ended;
  expect(notes).toEqual(['before-quit', 'will-quit', 'quit 0']);
  expect(status).toBe(0);
});

test('before-quit and will-quit can be prevented, and come again', async () => {
  const { notes, status } = await runApp(({ app }, note) => {
    let before = 0;
    app.on('before-quit', (event) => {
      note('before-quit');
      if (++before === 1) event.preventDefault();
    });
    let will = 0;
    app.on('will-quit', (event) => {
      note('will-quit');
      if (++will > 1) return;
      event.preventDefault();
      setImmediate(() => app.quit());
    });
    void app.whenReady().then(() => {
      app.quit();
      setImmediate(() => app.quit());
    });
  }).ended;
  expect(notes).toEqual(['before-quit', 'before-quit', 'will-quit', 'before-quit', 'will-quit']);
  expect(status).toBe(0);
});

test('exit ends the app with a status, without asking', async () => {
  const { notes, status } = await runApp(({ app }, note) => {
    app.on('before-quit', () => note('before-quit'));
    app.on('will-quit', () => note('will-quit'));
    app.on('quit', (_event, code) => note(`quit ${code}`));
    void app.whenReady().then(() => setTimeout(() => app.exit(3), 10));
  }).ended;
  expect(notes).toEqual(['quit 3']);
  expect(status).toBe(3);
});

test('exit before the app is ready ends it too', async () => {
  const { notes, status } = await runApp(({ app }, note) => {
    app.on('ready', () => note('ready'));
    app.exit(4);
  }).ended;
  expect(notes).toEqual([]);
  expect(status).toBe(4);
});

test('the app quits with its last window, if nobody listens', async () => {
  const { notes, status } = await runApp(({ app, BrowserWindow }, note) => {
    app.on('browser-window-created', () => note('browser-window-created'));
    app.on('web-contents-created', () => note('web-contents-created'));
    app.on('before-quit', () => note('before-quit'));
    app.on('will-quit', () => note('will-quit'));
    void app.whenReady().then(() => {
      const window = new BrowserWindow({ show: false });
      window.on('closed', () => note('closed'));
      window.once('ready-to-show', () => window.close());
      void window.loadURL('data:text/html,page');
    });
  }).ended;
  expect(notes.filter((name) => name.endsWith('created')).sort()).toEqual([
    'browser-window-created',
    'web-contents-created',
  ]);
  expect(notes.filter((name) => !name.endsWith('created'))).toEqual(['closed', 'before-quit', 'will-quit']);
  expect(status).toBe(0);
});

test('a listener of window-all-closed keeps the app alive', async () => {
  const { notes } = await runApp(({ app, BrowserWindow }, note) => {
    app.on('window-all-closed', () => {
      note(`window-all-closed ${BrowserWindow.getAllWindows().length}`);
      setImmediate(() => setImmediate(() => app.exit(0)));
    });
    app.on('will-quit', () => note('will-quit'));
    void app.whenReady().then(async () => {
      const window = new BrowserWindow({ show: false });
      await window.loadURL('data:text/html,page');
      window.close();
    });
  }).ended;
  expect(notes).toEqual(['window-all-closed 0']);
});

test('quitting closes the windows, and a window can prevent it', async () => {
  const { notes, status } = await runApp(({ app, BrowserWindow }, note) => {
    app.on('before-quit', () => note('before-quit'));
    app.on('window-all-closed', () => note('window-all-closed'));
    app.on('will-quit', () => note('will-quit'));
    void app.whenReady().then(async () => {
      const window = new BrowserWindow({ show: false });
      await window.loadURL('data:text/html,page');
      let asked = 0;
      window.on('close', (event) => {
        note('close');
        if (++asked > 1) return;
        event.preventDefault();
        setImmediate(() => app.quit());
      });
      window.on('closed', () => note('closed'));
      app.quit();
    });
  }).ended;
  expect(notes).toEqual(['before-quit', 'close', 'before-quit', 'close', 'closed', 'will-quit']);
  expect(status).toBe(0);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s asks the app to quit', async (signal) => {
  const app = runApp(({ app }, note) => {
    app.on('before-quit', () => note('before-quit'));
    app.on('will-quit', () => note('will-quit'));
    void app.whenReady().then(() => note('ready'));
  });
  await app.noted('ready');
  app.child.kill(signal);
  const { notes, status } = await app.ended;
  expect(notes).toEqual(['ready', 'before-quit', 'will-quit']);
  expect(status).toBe(0);
});

test('the app knows its name, version, folder and arguments', async () => {
  const { notes } = await runApp(
    ({ app }, note) => {
      note(
        JSON.stringify([
          app.getName(),
          app.name,
          app.getVersion(),
          app.isPackaged,
          process.argv.slice(process.argv.indexOf(app.getAppPath()) + 1),
        ]),
      );
      note(app.getAppPath());
      app.exit(0);
    },
    { args: ['file one.pte', '--option=value'] },
  ).ended;
  expect(JSON.parse(notes[0]!)).toEqual(['Probe', 'Probe', '3.2.1', false, ['file one.pte', '--option=value']]);
  expect(notes[1]).toContain('wyvern-probe-');
});

test('the paths of the app follow its name and the system', async () => {
  const { notes } = await runApp(
    ({ app }, note) => {
      for (const name of ['home', 'appData', 'userData', 'sessionData', 'temp'] as const) note(app.getPath(name));
      try {
        app.getPath('nothing' as never);
      } catch (cause) {
        note(String(cause));
      }
      app.exit(0);
    },
    { env: { HOME: '/tmp', TMPDIR: '/tmp' } },
  ).ended;
  const [home, appData, userData, sessionData, temp, failure] = notes;
  expect([home, temp]).toEqual(['/tmp', '/tmp']);
  expect(userData).toBe(join(appData!, 'Probe'));
  expect(sessionData).toBe(userData);
  expect(failure).toBe("Error: Failed to get 'nothing' path");
});

test('setPath moves the user data, and refuses a relative path', async () => {
  const { notes } = await runApp(({ app }, note, require) => {
    const path = require('path');
    const folder = path.join(app.getAppPath(), 'other', 'data');
    app.setPath('userData', folder);
    note(String(app.getPath('userData') === folder));
    note(String(app.getPath('sessionData') === folder));
    note(String(require('fs').existsSync(folder)));
    try {
      app.setPath('userData', 'relative');
    } catch (cause) {
      note(String(cause));
    }
    app.exit(0);
  }).ended;
  expect(notes).toEqual(['true', 'true', 'false', 'Error: Path must be absolute']);
});

test('enableSandbox refuses after the app is ready', async () => {
  const { notes } = await runApp(({ app }, note) => {
    app.enableSandbox();
    note('enabled');
    void app.whenReady().then(() => {
      try {
        app.enableSandbox();
      } catch (cause) {
        note(String(cause));
      }
      app.exit(0);
    });
  }).ended;
  expect(notes).toEqual(['enabled', 'Error: app.enableSandbox() can only be called before app is ready']);
});

test.each([
  [{ LANGUAGE: 'de:fr' }, ['de', 'fr']],
  [{ LANG: 'de_DE.UTF-8' }, ['de-DE', 'de']],
  [{ LANG: 'zh_CN.UTF-8' }, ['zh-CN', 'zh']],
  [{ LANG: 'de_DE.UTF-8', LC_ALL: 'fr_FR.UTF-8' }, ['fr-FR', 'fr']],
  [{ LANG: 'de_DE.UTF-8', LC_MESSAGES: 'fr_FR.UTF-8' }, ['fr-FR', 'fr']],
])('the person’s languages with %j', async (env, expected) => {
  const { notes } = await runApp(
    ({ app }, note) => {
      void app.whenReady().then(() => {
        note(JSON.stringify(app.getPreferredSystemLanguages()));
        app.exit(0);
      });
    },
    { env: { LANGUAGE: '', LANG: '', LC_ALL: '', LC_MESSAGES: '', ...env } },
  ).ended;
  expect([...new Set(JSON.parse(notes[0]!) as string[])]).toEqual(expected);
});

test('a second instance gets no lock, and the first one hears of its arguments', async () => {
  const folder = makeApp({
    'main.cjs': mainModule(({ app }, note) => {
      const owner = app.requestSingleInstanceLock({ from: process.argv.at(-1) });
      note(`owner ${owner}`);
      if (!owner) {
        app.exit(5);
        return;
      }
      app.on('second-instance', (_event, argv, workingDirectory, data) => {
        note(JSON.stringify([argv.at(-1), argv.length > 1, workingDirectory, data]));
      });
      void app.whenReady().then(() => note('ready'));
    }),
  });
  const main = (): void => undefined;
  const first = runApp(main, { folder, args: ['first'] });
  await first.noted('ready');
  const cwd = realpathSync(dirname(folder));
  const second = await runApp(main, { folder, args: ['the second'], cwd }).ended;
  expect([second.notes, second.status]).toEqual([['owner false'], 5]);
  await first.noted(JSON.stringify(['the second', true, cwd, { from: 'the second' }]));
  first.child.kill('SIGKILL');
  await first.ended;
  const third = runApp(main, { folder, args: ['third'] });
  await third.noted('owner true');
  third.child.kill('SIGKILL');
  await third.ended;
});

test('instances with different user data do not know each other', async () => {
  const folder = makeApp({
    'main.cjs': mainModule(({ app }, note, require) => {
      const path = require('path');
      app.setPath('userData', path.join(app.getAppPath(), process.argv.at(-1) ?? ''));
      note(`owner ${app.requestSingleInstanceLock()}`);
    }),
  });
  const main = (): void => undefined;
  const one = runApp(main, { folder, args: ['one'] });
  await one.noted('owner true');
  const two = runApp(main, { folder, args: ['two'] });
  await two.noted('owner true');
  for (const app of [one, two]) {
    app.child.kill('SIGKILL');
    await app.ended;
  }
});

test('a utility process ends with the app', async () => {
  const folder = makeApp({
    'child.cjs': 'process.parentPort.on("message", () => undefined);',
    'main.cjs': mainModule(({ app, utilityProcess }, note, require) => {
      const path = require('path');
      void app.whenReady().then(() => {
        const child = utilityProcess.fork(path.join(app.getAppPath(), 'child.cjs'));
        child.on('spawn', () => note(`child ${child.pid}`));
      });
    }),
  });
  const gone = async (pid: number): Promise<boolean> => {
    for (let turn = 0; turn < 2000; turn++) {
      try {
        process.kill(pid, 0);
      } catch {
        return true;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return false;
  };
  for (const end of ['SIGTERM', 'SIGKILL'] as const) {
    const app = runApp(() => undefined, { folder });
    const note = await new Promise<string>((resolve) =>
      app.child.on('message', (text) => {
        if ((text as string).startsWith('child')) resolve(text as string);
      }),
    );
    app.child.kill(end);
    await app.ended;
    expect(await gone(Number(note.split(' ')[1])), end).toBe(true);
  }
});

test('windows and sessions refuse before the app is ready', async () => {
  const { notes } = await runApp(({ app, BrowserWindow, session }, note) => {
    for (const use of [() => new BrowserWindow(), () => session.defaultSession]) {
      try {
        note(typeof use());
      } catch (cause) {
        note(String(cause));
      }
    }
    app.exit(0);
  }).ended;
  expect(notes).toEqual([
    'Error: Cannot create BrowserWindow before app is ready',
    'TypeError: Session can only be received when app is ready',
  ]);
});

test('listeners of powerMonitor may come before and after the app is ready', async () => {
  const { notes } = await runApp(({ app, powerMonitor }, note) => {
    const names = ['suspend', 'resume', 'on-ac', 'on-battery', 'shutdown', 'lock-screen', 'unlock-screen'] as const;
    powerMonitor.on('resume', () => note('early'));
    void app.whenReady().then(() => {
      for (const name of names) powerMonitor.on(name as 'resume', () => note(name));
      for (const name of names) powerMonitor.emit(name);
      app.exit(0);
    });
  }).ended;
  expect(notes).toEqual([
    'suspend',
    'early',
    'resume',
    'on-ac',
    'on-battery',
    'shutdown',
    'lock-screen',
    'unlock-screen',
  ]);
});

test('an error box before the app is ready goes to standard error', async () => {
  const { output, status } = await runApp(({ app, dialog }) => {
    dialog.showErrorBox('The title', 'The content');
    app.exit(1);
  }).ended;
  expect(stripVTControlCharacters(output)).toContain('The title\nThe content\n');
  expect(status).toBe(1);
});

test('openExternal and showItemInFolder start the desktop’s programs', async () => {
  const folder = makeApp({
    'xdg-open': '#!/bin/sh\necho "opened $1" >> "$(dirname "$0")/opened"\n',
    'main.cjs': mainModule(({ app, shell }, note) => {
      void app.whenReady().then(async () => {
        await shell.openExternal('https://example.invalid/page?a=1#b');
        note('opened');
      });
    }),
  });
  const { chmodSync, existsSync, readFileSync } = await import('node:fs');
  chmodSync(join(folder, 'xdg-open'), 0o755);
  const app = runApp(() => undefined, { folder, env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
  await app.noted('opened');
  // The shell makes the file before it writes into it.
  const opened = (): string => (existsSync(join(folder, 'opened')) ? readFileSync(join(folder, 'opened'), 'utf8') : '');
  await expect.poll(opened).toBe('opened https://example.invalid/page?a=1#b\n');
  app.child.kill('SIGKILL');
  await app.ended;
});

const noModules = lacking(28);
test.skipIf(noModules !== undefined)(
  `an ECMAScript module can be the app’s main module${noModules ? ` (skipped: ${noModules})` : ''}`,
  async () => {
    const folder = makeApp({
      'package.json': JSON.stringify({ name: 'probe-app', version: '1.0.0', type: 'module', main: 'main.mjs' }),
      'main.mjs': `import { app } from 'electron'; await Promise.resolve(); process.send(String(app.isReady())); app.exit(6);`,
    });
    const { notes, status } = await runApp(() => undefined, { folder }).ended;
    expect([notes, status]).toEqual([['false'], 6]);
  },
);
