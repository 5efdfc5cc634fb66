/** Thousands of chats, and a chat of thousands of messages: the page holds only the visible ones. */
import type { Locator, Page } from '@playwright/test';
import { join } from 'node:path';
import { openStore } from '../main/store/store.ts';
import { expect, test, type WyvernApp } from './app.ts';
import { ChatPage } from './chat-page.ts';

test.use({ launch: { addon: 'fake:rate=60&repeat=0&contextLength=4000000' } });

const chats = 1000;
const turns = 1500;
const long = 'A long chat';

/** Stores chats while the app is closed. */
async function fill(app: WyvernApp): Promise<void> {
  await app.quit();
  const store = openStore(join(app.userData, 'wyvern.sqlite'));
  store.transaction(() => {
    for (let n = 0; n < chats; n++) {
      store.conversations.create(`c${n}`, n);
      store.conversations.rename(`c${n}`, `Chat number ${n}`);
    }
    store.conversations.create('long', chats);
    store.conversations.rename('long', long);
    for (let n = 0; n < turns; n++) {
      const state = 'complete';
      store.tree.append('long', { id: `q${n}`, role: 'user', text: `Question ${n}`, state, createdAt: 2 * n });
      // Messages of many heights: the list estimates those out of view.
      const text = `Answer ${n}. ${'More words. '.repeat(1 + ((n * 7919) % 90))}`;
      store.tree.append('long', { id: `a${n}`, role: 'assistant', text, state, createdAt: 2 * n + 1 });
    }
  });
  store.close();
  await app.start();
}

const messagesOf = (page: Page): Locator => page.getByRole('region', { name: 'Messages' });
const message = (page: Page, id: string): Locator => page.locator(`[data-message="${id}"]`);

/** Pixels from the frame's top to the start of the message. */
async function topOf(page: Page, id: string): Promise<number> {
  const frame = await messagesOf(page).boundingBox();
  const box = await message(page, id).boundingBox();
  if (!frame || !box) throw new Error(`${id} is not in the page`);
  return box.y - frame.y;
}

/** The message at the upper edge of the frame. */
async function firstInSight(page: Page): Promise<string> {
  return await messagesOf(page).evaluate((frame) => {
    const { top } = frame.getBoundingClientRect();
    const messages = [...frame.querySelectorAll<HTMLElement>('[data-message]')];
    return messages.find((element) => element.getBoundingClientRect().bottom > top + 10)?.dataset['message'] ?? '';
  });
}

test.beforeEach(async ({ app }) => {
  await fill(app);
  const chat = new ChatPage(app.page);
  await chat.chat(long).click();
  await expect(message(app.page, `a${turns - 1}`)).toBeInViewport();
});

test('a long chat opens at its end and holds few messages', async ({ app: { page } }) => {
  const frame = messagesOf(page);
  await expect.poll(() => frame.evaluate((e) => e.scrollHeight - e.clientHeight - e.scrollTop)).toBeLessThan(2);
  expect(await frame.getByRole('article').count()).toBeLessThan(60);
});

test('scrolling up loads earlier messages, and visible ones stay in place', async ({ app: { page } }) => {
  const frame = messagesOf(page);
  const height = (): Promise<number> => frame.evaluate(({ scrollHeight }) => scrollHeight);
  const atFirst = await height();
  await frame.hover();
  // Turn the wheel until the previous page loads: visible messages must move exactly as far as the wheel turned.
  const notch = 300;
  for (let turned = 0; turned < 5 * notch || (await height()) < 2 * atFirst; turned += notch) {
    const id = await firstInSight(page);
    const before = await topOf(page, id);
    await page.mouse.wheel(0, -notch);
    await expect.poll(async () => Math.abs((await topOf(page, id)) - before - notch)).toBeLessThan(2);
  }
  expect(await frame.getByRole('article').count()).toBeLessThan(60);
});

test('its first message is one key away', async ({ app: { page } }) => {
  await messagesOf(page).focus();
  await page.keyboard.press('Home');
  await expect(message(page, 'q0')).toBeInViewport();
  expect(await messagesOf(page).getByRole('article').count()).toBeLessThan(60);
  await page.keyboard.press('End');
  await expect(message(page, `a${turns - 1}`)).toBeInViewport();
});

test('a search result scrolls to a distant message and focuses it', async ({ app: { page } }) => {
  const chat = new ChatPage(page);
  await chat.search.fill('"Question 123"');
  await chat.found
    .filter({ has: page.locator('mark') })
    .first()
    .getByRole('button')
    .press('Enter');
  await expect(message(page, 'q123')).toBeInViewport();
  await expect(message(page, 'q123').locator(':focus')).toHaveCount(1);
  await expect(message(page, `a${turns - 1}`)).toHaveCount(0);
});

test('an edit stays after scrolling away', async ({ app: { page } }) => {
  const question = message(page, `q${turns - 1}`);
  await question.getByRole('button', { name: 'Edit the message' }).press('Enter');
  await question.getByRole('textbox').fill('Asked otherwise');
  await messagesOf(page).focus();
  for (let press = 0; press < 12; press++) await page.keyboard.press('PageUp');
  await expect(question).not.toBeInViewport();
  await page.keyboard.press('End');
  await expect(question.getByRole('textbox')).toHaveValue('Asked otherwise');
});

test('a selection over many screens is copied completely', async ({ app: { page } }) => {
  const last = message(page, `q${turns - 1}`).getByText(`Question ${turns - 1}`);
  await last.click();
  await messagesOf(page).focus();
  for (let press = 0; press < 12; press++) await page.keyboard.press('PageUp');
  // Extends the selection from the last click, like Shift and a click.
  await messagesOf(page)
    .getByTestId('question')
    .first()
    .locator('p')
    .click({ modifiers: ['Shift'] });
  const from = Number(/\d+/.exec((await messagesOf(page).getByTestId('question').first().textContent()) ?? '')?.[0]);
  expect(from).toBeLessThan(turns - 5);
  await expect
    .poll(() => page.evaluate(() => document.getSelection()?.toString() ?? ''))
    .toContain(`Question ${turns - 3}`);
});

test('the view follows a growing answer until the person scrolls up', async ({ app: { page } }) => {
  const chat = new ChatPage(page);
  const frame = messagesOf(page);
  const distance = (): Promise<number> => frame.evaluate((e) => e.scrollHeight - e.clientHeight - e.scrollTop);
  await chat.modelReady();
  await chat.send('Go on and on');
  await chat.answering(/(Hello from the scripted model\. ){4}/);
  await expect.poll(distance).toBeLessThan(40);
  await frame.hover();
  await page.mouse.wheel(0, -600);
  await expect(page.getByRole('button', { name: 'Latest' })).toBeVisible();
  const away = await distance();
  const said = (await chat.text(chat.answers.last()).textContent())?.length ?? 0;
  await expect
    .poll(async () => (await chat.text(chat.answers.last()).textContent())?.length)
    .toBeGreaterThan(said + 200);
  expect(await distance()).toBeGreaterThanOrEqual(away);
  await page.getByRole('button', { name: 'Latest' }).press('Enter');
  await expect.poll(distance).toBeLessThan(40);
  await chat.stopButton.click();
});

test('the keyboard moves through a thousand chats, and the page holds few', async ({ app: { page } }) => {
  const chat = new ChatPage(page);
  const list = page.getByTestId('conversations');
  await chat.chat(long).focus();
  for (let row = 1; row <= 130; row++) {
    await page.keyboard.press('ArrowDown');
    // The list draws the next rows after the focus has moved.
    await expect(chat.chat(`Chat number ${chats - row}`)).toBeFocused();
  }
  expect(await list.locator('[data-chat]').count()).toBeLessThan(300);
  // Scrolling away does not lose the focus.
  await list.hover();
  await page.mouse.wheel(0, -100_000);
  await expect(chat.chat(long)).toBeInViewport();
  await expect(chat.chat(`Chat number ${chats - 130}`)).toBeFocused();
});
