/** Thoughts before answers, with a tiny model that was trained to think. */
import { resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

const thinker = resolve(import.meta.dirname, 'fixtures/tiny-thinker');
test.use({ launch: { model: thinker } });

const question = 'How many legs has a wyvern?';
const answer = 'Two legs, and two wings.';
const thought = 'A dragon has four legs.\n\nA wyvern is a dragon with two wings and fewer legs, so it has two.';

async function opened(page: ChatPage['page']): Promise<ChatPage> {
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.answerGreedily();
  return chat;
}

test('a thought is folded before its answer, with its time and tokens, and is no part of the answer', async ({
  app,
  page,
}) => {
  const chat = await opened(page);
  await page
    .context()
    .grantPermissions(['clipboard-read', 'clipboard-write'])
    .catch(() => undefined);
  const spoken = await page.evaluateHandle(() => {
    const heard: string[] = [];
    const region = document.querySelector('[data-testid="announcement"]');
    if (region) new MutationObserver(() => heard.push(region.textContent)).observe(region, { childList: true });
    return heard;
  });
  await chat.send(question);
  const said = await chat.lastAnswer('complete');
  await expect(chat.text(said)).toHaveText(answer);
  const block = chat.thought(said);
  await expect(block).not.toHaveAttribute('open');
  await expect(block.locator('summary')).toHaveText(/^Thought for [\d.]+ (µs|ms|s)\d+ tokens$/);
  expect(await spoken.jsonValue()).toEqual(['The model is answering.', 'The answer is finished.']);
  await expect(chat.chat(question)).toBeVisible();

  await block.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(block.getByText('so it has two.')).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(
      (await new AxeBuilder({ page }).setLegacyMode().include('[data-testid="answer"]').analyze()).violations,
    ).toEqual([]);
  }
  const [, stored] = await chat.stored();
  expect(stored).toMatchObject({ text: answer, thought: { text: thought } });
  expect(stored?.thought?.tokens).toBeGreaterThan(10);
  await page.evaluate(() => {
    navigator.clipboard.writeText = (text) => Promise.resolve(void Object.assign(window, { copied: text }));
  });
  await said.getByRole('button', { name: 'Copy the answer', exact: true }).click();
  await expect.poll(async () => await page.evaluate(() => (window as { copied?: string }).copied)).toBe(answer);

  await chat.search.fill('fewer');
  await expect(page.getByText('No results found.')).toBeVisible();
  await chat.search.fill('two wings');
  await expect(chat.found).toHaveCount(1);

  await app.restart();
  const again = new ChatPage(app.page);
  await again.chat(question).click();
  await expect(again.thought(again.answers.last()).locator('summary')).toContainText('Thought for');
});

test('the next turns leave earlier thoughts out, and the title has none', async ({ page }) => {
  const chat = await opened(page);
  await chat.set({ automaticTitles: true });
  await chat.send('Hello!');
  await chat.lastAnswer('complete');
  await expect(chat.chat('Thoughts of a wyvern')).toBeVisible();
  await chat.send('Where does it live?');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('On the cliffs north of the harbour.');
});

test('an answer that ended inside its thought goes on there', async ({ page }) => {
  const chat = await opened(page);
  await chat.set({ maxTokens: 20 });
  await chat.send('Think without end.');
  const cut = await chat.lastAnswer('complete');
  await expect(chat.thought(cut).locator('summary')).toContainText('20 tokens');
  await cut.getByRole('button', { name: 'Continue' }).click();
  await expect(chat.thought(cut).locator('summary')).toContainText('40 tokens');
  const [, stored] = await chat.stored();
  expect(stored?.text).toBe('');
  expect(stored?.thought?.text).toMatch(/^Once( and again)+( and)?$/);
});

test('a budget closes the thought, and the answer begins', async ({ page }) => {
  const chat = await opened(page);
  await chat.openChatSettings();
  await chat.chatSettings.getByRole('textbox', { name: 'Maximum thought length, tokens' }).fill('30');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await chat.send('Think without end.');
  await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('I stopped in time.');
  const [, stored] = await chat.stored();
  expect(stored?.thought).toMatchObject({ tokens: 30 });
});

test('the switch is kept with its chat, and the palette has it', async ({ app, page }) => {
  const chat = await opened(page);
  await expect(chat.thinking).toHaveAttribute('aria-checked', 'true');
  await chat.thinking.focus();
  await page.keyboard.press('Space');
  await expect(chat.thinking).toHaveAttribute('aria-checked', 'false');
  await chat.send(question);
  const said = await chat.lastAnswer('complete');
  await expect(chat.text(said)).toHaveText(answer);
  await expect(chat.thought(said)).toHaveCount(0);

  await app.restart();
  const again = new ChatPage(app.page);
  await again.modelReady();
  await expect(again.thinking).toHaveAttribute('aria-checked', 'true');
  await again.chat(question).click();
  await expect(again.thinking).toHaveAttribute('aria-checked', 'false');
  await again.command('Let the model think before it answers');
  await expect(again.thinking).toHaveAttribute('aria-checked', 'true');
  await app.page.keyboard.press('Control+n');
  await expect(again.thinking).toHaveAttribute('aria-checked', 'true');
});

test.describe('a slow thought', () => {
  const words = 'I count the lanterns. '.repeat(20);
  test.use({ launch: { addon: `fake:rate=60&answer=${encodeURIComponent(`<think>\n${words}</think>\n\nSeven.`)}` } });

  test('is open while it grows if the person wants that, and stop keeps it', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.openSettings();
    await chat.settings.getByRole('checkbox', { name: 'Show the thoughts of a model while it thinks' }).check();
    await page.keyboard.press('Escape');
    await chat.send('How many?');
    const block = chat.thought(chat.answers.last());
    await expect(block).toHaveAttribute('open', '');
    await expect(block.locator('summary')).toHaveText(/^Thinking…[\d.]+ (ms|s)\d+ tokens$/);
    await expect(block.getByText('I count the lanterns.')).toBeVisible();
    await page.keyboard.press('Escape');
    const stopped = await chat.lastAnswer('stopped');
    await expect(chat.thought(stopped)).not.toHaveAttribute('open');
    const [, stored] = await chat.stored();
    expect(stored?.text).toBe('');
    expect(words.startsWith(stored?.thought?.text ?? '-')).toBe(true);
  });

  test('is folded unless the person opens it, and stays as the person left it', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('How many?');
    const block = chat.thought(chat.answers.last());
    await expect(block.locator('summary')).toContainText('Thinking…');
    await expect(block).not.toHaveAttribute('open');
    await block.locator('summary').click();
    await expect(block.getByText('I count the lanterns.')).toBeVisible();
    await expect(chat.text(await chat.lastAnswer('complete'))).toHaveText('Seven.');
    await expect(block).toHaveAttribute('open', '');
  });
});
