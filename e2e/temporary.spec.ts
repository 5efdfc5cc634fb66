/** A temporary chat: its text never reaches the disk, it ends when the person leaves it, and it can be kept. */
import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { reload } from './reload.ts';

/** Which of the texts are in a file of the folder, in UTF-8 or UTF-16. */
function textsOnDisk(folder: string, texts: readonly string[]): readonly string[] {
  const forms = texts.flatMap((text) => {
    const little = Buffer.from(text, 'utf16le');
    return [Buffer.from(text), little, Buffer.from(little).swap16()].map((bytes) => ({ text, bytes }));
  });
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const content = contentOf(path);
      return forms.filter(({ bytes }) => content.includes(bytes)).map(({ text }) => `${text} in ${path}`);
    });
  return [...new Set(found)].sort();
}

/** Chromium removes files of its own meanwhile. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw cause;
  }
}

const mark = (page: Page) => page.getByTestId('temporary-mark');
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Leave the temporary chat?' });

async function begin(page: Page): Promise<ChatPage> {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await page.keyboard.press('Control+Shift+N');
  await expect(mark(page)).toBeVisible();
  await expect(chat.composer).toBeFocused();
  return chat;
}

/** Every text and id of the open chat. */
async function secretsOf(page: Page): Promise<readonly string[]> {
  return await page.evaluate(async () => {
    const list = await window.wyvern.call('conversations.list', { limit: 1 });
    const id = list.ok ? list.value.temporary?.id : undefined;
    if (id === undefined) throw new Error('No temporary chat is open');
    const chat = await window.wyvern.call('conversations.open', { id });
    if (!chat.ok) throw new Error(chat.error.message);
    return [id, ...chat.value.messages.flatMap((message) => [message.id, message.text])];
  });
}

test('the disk has none of its text: while it is open, after a reload, and after it was left', async ({
  app,
  page,
}) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  const control = randomUUID();
  await chat.send(`My name is Ada. ${control}`);
  await chat.lastAnswer('complete');
  expect(textsOnDisk(app.userData, [control]), 'a stored chat is found').not.toEqual([]);

  await begin(page);
  const question = randomUUID();
  const edited = randomUUID();
  const draft = randomUUID();
  const attached = randomUUID();
  await page.getByTestId('file-picker').setInputFiles({
    name: `${attached}.txt`,
    mimeType: 'text/plain',
    buffer: Buffer.from(`A note: ${attached}`),
  });
  await expect(page.getByTestId('attachment')).toHaveCount(1);
  await chat.send(`My name is Bruno. ${question}`);
  await chat.lastAnswer('complete');
  await chat.edit(chat.questions.first(), `My name is Chloé. ${edited}`);
  await expect(chat.questions.first()).toContainText(edited);
  await chat.lastAnswer('complete');
  await chat.answers.getByRole('button', { name: 'Show the time of each token' }).press('Enter');
  await expect(page.getByRole('complementary', { name: 'Latency' })).toBeVisible();
  await chat.composer.fill(`Not sent: ${draft}`);
  // An answer depends on the random text, and a short one could stand anywhere.
  const own = [question, edited, draft, attached];
  const secrets = [...own, ...(await secretsOf(page)).filter((text) => text.length >= 10)];
  expect(secrets.length).toBeGreaterThan(own.length + 4);
  // The draft is saved after a pause, into memory. It is there once the window can read it again.
  await expect
    .poll(async () => {
      const [id = ''] = await secretsOf(page);
      return await page.evaluate(async (conversationId) => {
        const stored = await window.wyvern.call('drafts.get', { conversationId });
        return stored.ok ? stored.value.text : '';
      }, id);
    })
    .toContain(draft);
  const check = (when: string): void => expect(textsOnDisk(app.userData, secrets), when).toEqual([]);
  check('while it is open');
  expect(
    await page.evaluate(async () => (await window.wyvern.call('data.backUp', {})).ok),
    'a backup of all chats',
  ).toBe(true);
  check('in a backup');

  await reload(app);
  await expect(mark(page)).toBeVisible();
  await expect(chat.questions.first()).toContainText(edited);
  await expect(chat.composer).toHaveValue(`Not sent: ${draft}`);
  check('after a reload');

  await page.keyboard.press('Control+n');
  await dialog(page).getByRole('button', { name: 'Leave and delete' }).press('Enter');
  await expect(chat.welcome).toBeVisible();
  await expect(mark(page)).toHaveCount(0);
  await expect(chat.chats).toHaveCount(1);
  check('after it was left');
  await chat.search.fill(edited);
  await expect(page.getByText('No results found.')).toBeVisible();
  await chat.search.fill('');
  await app.quit();
  check('after the app ended');
  expect(secrets.filter((text) => app.log.includes(text))).toEqual([]);
  await app.start();
  await expect(new ChatPage(app.page).chats).toHaveCount(1);
  check('after the next start');
});

test.describe('while the answer streams', () => {
  const answer = `The password is ${randomUUID()}, and it ends here. `;
  test.use({ launch: { addon: `fake:rate=60&repeat=200&contextLength=20000&answer=${encodeURIComponent(answer)}` } });

  test('a crash of the engine, and then of the app, leave nothing on the disk', async ({ app, page }) => {
    const chat = await begin(page);
    const question = randomUUID();
    await chat.send(question);
    await chat.answering('it ends here.');
    const secrets = [question, answer.trim(), answer.slice(16, 52)];
    expect(textsOnDisk(app.userData, secrets)).toEqual([]);
    await app.killEngine();
    await chat.lastAnswer('interrupted');
    expect(textsOnDisk(app.userData, secrets), 'after a crash of the engine').toEqual([]);
    await chat.modelReady();
    await chat.answers.getByRole('button', { name: 'Try again' }).click();
    await chat.answering('it ends here.');
    await app.kill();
    expect(textsOnDisk(app.userData, secrets), 'after a crash of the app').toEqual([]);
    expect(secrets.filter((text) => app.log.includes(text))).toEqual([]);
    await app.start();
    expect(textsOnDisk(app.userData, secrets), 'after the next start').toEqual([]);
    await expect(new ChatPage(app.page).chats).toHaveCount(0);
  });

  test('leaving stops the answer, and the next chat can ask at once', async ({ app, page }) => {
    const chat = await begin(page);
    await chat.send('Go on');
    await chat.answering('password');
    await page.keyboard.press('Control+n');
    await dialog(page).getByRole('button', { name: 'Leave and delete' }).press('Enter');
    await expect(chat.welcome).toBeVisible();
    await chat.send('A stored question');
    await chat.answering('password');
    await page.keyboard.press('Escape');
    await chat.lastAnswer('stopped');
    await expect(chat.chats).toHaveText(['A stored question']);
    expect(textsOnDisk(app.userData, ['Go on'])).toEqual([]);
  });

  test('a chat that is kept meanwhile is stored to its end', async ({ app, page }) => {
    const chat = await begin(page);
    await chat.send('Keep me');
    await chat.answering('password');
    await page.getByRole('button', { name: 'Keep this chat' }).press('Enter');
    await expect(chat.chat('Keep me')).toHaveAttribute('aria-current', 'page');
    await expect(mark(page)).toHaveCount(0);
    const before = (await chat.text(chat.answers.last()).innerText()).length;
    await expect.poll(async () => (await chat.text(chat.answers.last()).innerText()).length).toBeGreaterThan(before);
    await page.keyboard.press('Escape');
    const text = await chat.text(await chat.lastAnswer('stopped')).innerText();
    await app.restart();
    const again = new ChatPage(app.page);
    await again.chat('Keep me').click();
    await expect(again.text(await again.lastAnswer('stopped'))).toHaveText(text.trim());
  });
});

test.describe('as a person uses it', () => {
  test.beforeEach(async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.answerGreedily();
  });

  test('starts at four places, says what it is, and ends without a question while it is empty', async ({ page }) => {
    const chat = new ChatPage(page);
    const header = page.getByRole('banner').getByRole('button', { name: 'Temporary chat' });
    await expect(header).toHaveAttribute('aria-pressed', 'false');
    await header.press('Enter');
    await expect(header).toHaveAttribute('aria-pressed', 'true');
    await expect(header).toHaveText('Temporary chat');
    await expect(chat.composer).toBeFocused();
    await expect(chat.welcome.getByRole('heading')).toHaveText('Temporary chat');
    await expect(page.getByTestId('temporary-note')).toHaveText('Not stored.');
    await expect(chat.composer).toHaveAttribute('placeholder', 'Message, not stored');
    await expect(chat.announcement).toContainText('It is not stored');
    await header.press('Enter');
    await expect(mark(page)).toHaveCount(0);

    await page.getByRole('navigation').getByRole('button', { name: 'New temporary chat' }).click();
    await expect(mark(page)).toBeVisible();
    await chat.composer.fill('Never sent');
    await page.keyboard.press('Control+n');
    await expect(mark(page)).toHaveCount(0);
    await expect(chat.composer).toHaveValue('');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('temporary');
    await expect(page.getByRole('option').first()).toContainText('New temporary chat');
    await page.keyboard.press('Enter');
    await expect(mark(page)).toBeVisible();
    await expect(chat.composer).toHaveValue('');
  });

  test('asks before it is left with messages: Escape stays, and keeping stores all versions with their times', async ({
    app,
    page,
  }) => {
    const chat = await begin(page);
    await chat.send('My name is Ada.');
    await chat.lastAnswer('complete');
    await chat.edit(chat.questions.first(), 'My name is Bruno.');
    await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Nice to meet you, Bruno.');
    await chat.answers.getByRole('button', { name: 'Answer again', exact: true }).press('Enter');
    await expect(chat.answers.getByTestId('versions')).toHaveText('2/2');
    await chat.lastAnswer('complete');
    await expect(chat.chats).toHaveCount(0);

    await page.keyboard.press('Control+n');
    await expect(dialog(page)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog(page)).toHaveCount(0);
    await expect(mark(page)).toBeVisible();
    await page.keyboard.press('Control+n');
    await dialog(page).getByRole('button', { name: 'Keep this chat' }).press('Enter');
    await expect(chat.welcome).toBeVisible();
    await app.restart();

    const again = new ChatPage(app.page);
    await again.chat('My name is Ada.').click();
    await expect(again.questions.getByTestId('versions')).toHaveText('2/2');
    await expect(again.answers.getByTestId('versions')).toHaveText('2/2');
    await again.questions.getByRole('button', { name: 'Previous version' }).click();
    await expect(again.text(await again.lastAnswer('complete'))).toHaveText('Nice to meet you, Ada.');
    await again.answers.getByRole('button', { name: 'Show the time of each token' }).press('Enter');
    await expect(app.page.getByTestId('latency-token')).toBeVisible();
  });

  test('opening another chat asks too, and a deleted message can be restored', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.send('My name is Ada.');
    await chat.lastAnswer('complete');
    await begin(page);
    await chat.send('My name is Bruno.');
    await chat.lastAnswer('complete');
    await chat.questions.getByRole('button', { name: 'Delete this and all later messages' }).press('Enter');
    await expect(chat.questions).toHaveCount(0);
    await chat.notifications.getByRole('button', { name: 'Undo' }).click();
    await expect(chat.questions).toHaveText(['My name is Bruno.']);
    await chat.chat('My name is Ada.').click();
    await dialog(page).getByRole('button', { name: 'Stay' }).click();
    await expect(chat.questions).toHaveText(['My name is Bruno.']);
    await chat.chat('My name is Ada.').click();
    await dialog(page).getByRole('button', { name: 'Leave and delete' }).click();
    await expect(chat.questions).toHaveText(['My name is Ada.']);
    await expect(chat.chats).toHaveText(['My name is Ada.']);
  });

  test('closing the window asks; a person who stays keeps the window', async ({ app, page }) => {
    const chat = await begin(page);
    await chat.send('My name is Ada.');
    await chat.lastAnswer('complete');
    const close = async (): Promise<void> =>
      await app.shell.evaluate(({ BrowserWindow }) => {
        for (const window of BrowserWindow.getAllWindows()) window.close();
      }, undefined);
    await close();
    await expect(dialog(page)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog(page)).toHaveCount(0);
    await expect(chat.questions).toHaveText(['My name is Ada.']);
    await close();
    const exited = new Promise((settle) => app.shell.process.once('exit', settle));
    await dialog(page).getByRole('button', { name: 'Keep this chat' }).click();
    await exited;
    await app.quit();
    await app.start();
    await expect(new ChatPage(app.page).chat('My name is Ada.')).toBeVisible();
  });
});
