/** The local server, as a person turns it on and as a program uses it. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test, type WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';

test.use({ launch: { serves: true } });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const section = (page: Page): Locator => page.getByRole('region', { name: 'Local server' });
const mark = (page: Page): Locator => page.getByTestId('server-mark');
const rows = (page: Page): Locator => section(page).getByTestId('server-request');

interface Access {
  readonly address: string;
  readonly token: string;
}

/** Turns it on with a free port. */
async function turnOn(page: Page): Promise<Access> {
  await new ChatPage(page).set({ serverOn: true, serverPort: await freePort() });
  await expect(mark(page)).toHaveAttribute('data-status', 'on');
  return await page.evaluate(async () => {
    const result = await window.wyvern.call('server.get', {});
    if (!result.ok) throw new Error(result.error.message);
    return { address: result.value.address ?? '', token: result.value.token ?? '' };
  });
}

async function ask({ address, token }: Access, body: object, signal?: AbortSignal): Promise<Response> {
  return await fetch(`${address}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: 'default', ...body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

const serverPids = async (app: WyvernApp): Promise<number> =>
  await app.shell.evaluate(
    ({ app: electron }) => electron.getAppMetrics().filter(({ name }) => name === 'wyvern-server').length,
    undefined,
  );

test('a person turns it on with the keyboard, a program asks, and the log says so', async ({ app, page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await expect(mark(page)).toHaveCount(0);
  expect(await serverPids(app)).toBe(0);

  await chat.command('Local server');
  await expect(section(page).getByRole('heading', { name: 'Local server' })).toBeFocused();
  await chat.set({ serverPort: await freePort() });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(section(page).getByRole('checkbox')).toBeChecked();
  const address =
    (await section(page).getByRole('group', { name: 'Address' }).textContent())?.replace('Address', '') ?? '';
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);

  // Hidden until asked for.
  const tokenLine = section(page).getByRole('group', { name: 'Token' });
  await expect(tokenLine).not.toContainText('wyvern-');
  await tokenLine.getByRole('button', { name: 'Show the token' }).press('Enter');
  const token = /wyvern-[\w-]+/.exec((await tokenLine.textContent()) ?? '')?.[0] ?? '';
  const messages = [{ role: 'user', content: 'Hello' }];
  const whole = await ask({ address, token }, { messages, temperature: 0, max_tokens: 8 });
  expect(whole.status).toBe(200);
  expect(await whole.json()).toMatchObject({ object: 'chat.completion' });
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('POST /v1/chat/completions');
  await expect(rows(page)).not.toContainText('Hello');

  await tokenLine.getByRole('button', { name: /^Renew the token/ }).press('Enter');
  await expect(tokenLine).not.toContainText(token);
  expect((await ask({ address, token }, { messages })).status).toBe(401);
  await expect(rows(page).first()).toContainText('401 token-invalid');

  await section(page).getByRole('checkbox').press('Space');
  await expect(mark(page)).toHaveCount(0);
  await expect.poll(() => serverPids(app)).toBe(0);
  await expect(fetch(address)).rejects.toThrow();
});

test('it stays on after a restart, with its token', async ({ app }) => {
  const before = await turnOn(app.page);
  await app.restart();
  await new ChatPage(app.page).modelReady();
  await expect(mark(app.page)).toHaveAttribute('data-status', 'on');
  const messages = [{ role: 'user', content: 'Hello' }];
  await expect.poll(async () => (await ask(before, { messages, max_tokens: 1 })).status).toBe(200);
});

test('a port in use is said, and another one works', async ({ page }) => {
  const chat = new ChatPage(page);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  await chat.set({ serverOn: true, serverPort: (other.address() as AddressInfo).port });
  await expect(mark(page)).toHaveAttribute('data-status', 'failed');
  await mark(page).click();
  await expect(section(page).getByTestId('notice')).toContainText('The port is not free');
  const port = section(page).getByRole('textbox', { name: 'Port' });
  await port.fill(String(await freePort()));
  await port.press('Enter');
  await expect(mark(page)).toHaveAttribute('data-status', 'on');
  other.close();
});

test('a crash of its process costs no chat, and turning it on again works', async ({ app, page }) => {
  await turnOn(page);
  const pids = await app.shell.evaluate(
    ({ app: electron }) => electron.getAppMetrics().flatMap(({ name, pid }) => (name === 'wyvern-server' ? [pid] : [])),
    undefined,
  );
  expect(pids.length).toBe(1);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await expect(mark(page)).toHaveAttribute('data-status', 'failed');
  const chat = new ChatPage(page);
  await chat.send('Hello');
  await chat.lastAnswer('complete');
  await turnOn(page);
});

test.describe('with a slow model', () => {
  test.use({ launch: { serves: true, addon: 'fake:rate=20&repeat=0&contextLength=100000' } });

  test('the window waits for a program and says so, and a program for the window', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    const access = await turnOn(page);
    const client = new AbortController();
    const messages = [{ role: 'user', content: 'Hello' }];
    const stream = await ask(access, { messages, stream: true }, client.signal);
    expect(stream.status).toBe(200);
    await expect(mark(page)).toHaveText('Answering a program');
    await expect(page.getByTestId('composer-note')).toContainText('Another program is using the model');
    await chat.send('And me?');
    await expect(page.getByTestId('reading')).toHaveText('Waiting for another program’s request to end');

    // The program leaves; the window's turn comes, and the next program waits.
    client.abort();
    await chat.answering(/Hello from/);
    const next = ask(access, { messages, max_tokens: 2 });
    await mark(page).click();
    await expect(rows(page).first()).toHaveAttribute('data-state', 'waiting');
    await expect(rows(page).nth(1)).toContainText('The program left');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await chat.lastAnswer('stopped');
    expect((await next).status).toBe(200);
  });
});

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing while it is on, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const access = await turnOn(page);
    await ask({ ...access, token: 'wrong' }, {});
    await mark(page).click();
    await expect(rows(page)).toHaveCount(1);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect(violations).toEqual([]);
  });
}

for (const language of ['en', 'de', 'zh'] as const) {
  test(`it fits a narrow window, ${language}`, async ({ page }) => {
    await page.setViewportSize({ width: 640, height: 600 });
    const access = await turnOn(page);
    await new ChatPage(page).set({ language });
    await ask({ ...access, token: 'wrong' }, {});
    await mark(page).click();
    await expect(page.getByTestId('server-request')).toHaveCount(1);
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('[role=dialog] *')]
        .filter(
          (part) =>
            part.scrollWidth > part.clientWidth + 1 &&
            part.clientWidth > 0 &&
            getComputedStyle(part).overflowX !== 'visible' &&
            !part.classList.contains('sr-only'),
        )
        .map((part) => `${part.tagName} ${part.className}`),
    );
    expect(wide).toEqual([]);
  });
}

test('the token file is not in the store', async ({ app, page }) => {
  const { token } = await turnOn(page);
  expect(readFileSync(`${app.userData}/local-server-token`, 'utf8').trim()).toBe(token);
  await app.quit();
  for (const name of ['wyvern.sqlite', 'wyvern.sqlite-wal']) {
    const bytes = await Promise.resolve()
      .then(() => readFileSync(`${app.userData}/${name}`))
      .catch(() => Buffer.alloc(0));
    expect(bytes.includes(token)).toBe(false);
  }
});
