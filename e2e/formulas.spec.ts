/** Formulas render, and forbidden commands have no effect. */
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

const answer = [
  'The roots are $x_1$ and \\(x_2\\), for $5 and $10 each:',
  '',
  '\\[',
  'x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}',
  '',
  '\\]',
  '',
  'As **shown** above.',
].join('\n');

test.describe('formulas', () => {
  test.use({ launch: { addon: `fake:answer=${encodeURIComponent(answer)}` } });

  test('are rendered and readable for screen readers, and money stays text', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go');
    const text = chat.text(await chat.lastAnswer('complete'));
    const drawn = text.getByTestId('formula');
    await expect(drawn).toHaveCount(3);
    await expect(text.locator('.katex-html')).toHaveCount(3);
    await expect(text.locator('.katex-display')).toHaveCount(1);
    await expect(text.locator('math').first()).toBeAttached();
    await expect(text).toContainText('for $5 and $10 each');
    const fonts = async (): Promise<boolean> =>
      await page.evaluate(() =>
        [...document.fonts].some(({ family, status }) => /KaTeX/.test(family) && status === 'loaded'),
      );
    await expect.poll(fonts).toBe(true);
    // A fraction is taller than a line, so the styles are loaded.
    const height = await text.locator('.katex-display').evaluate((element) => element.getBoundingClientRect().height);
    expect(height).toBeGreaterThan(30);
  });

  test('are copied as source, with and without Markdown', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go');
    const article = await chat.lastAnswer('complete');
    await page.evaluate(() => {
      navigator.clipboard.writeText = (text) => Promise.resolve(void Object.assign(window, { copied: text }));
    });
    const copied = async (): Promise<string> =>
      await page.evaluate(() => (window as unknown as { copied: string }).copied);
    await article.getByRole('button', { name: 'Copy the answer', exact: true }).press('Enter');
    await expect.poll(copied).toBe(answer);
    await article.getByRole('button', { name: 'Copy the answer as plain text' }).press('Enter');
    await expect
      .poll(copied)
      .toBe(
        [
          'The roots are x_1 and x_2, for $5 and $10 each:',
          'x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}',
          'As shown above.',
        ].join('\n\n'),
      );
  });
});

const hostile = [
  '$\\href{javascript:window.hit=1}{press}$ $\\url{https://example.com/u}$',
  '',
  '$\\includegraphics{https://example.com/i.png}$ $\\htmlStyle{background:url(https://example.com/s)}{x}$',
  '',
  `$$${'{'.repeat(600)}$$`,
  '',
  '$$\\def\\a{\\a\\a}\\a$$',
  '',
  '$<img src=x onerror=window.hit=1>$ $\\rule{9999em}{9999em}$ $\\undefined$ $\\frac{$',
  '',
  'Safe.',
].join('\n');

test.describe('hostile formulas', () => {
  test.use({ launch: { addon: `fake:answer=${encodeURIComponent(hostile)}` } });

  test('load, link and run nothing, and stay inside of the answer', async ({ page }) => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const chat = new ChatPage(page);
    await chat.modelReady();
    await chat.send('Go');
    const text = chat.text(await chat.lastAnswer('complete'));
    await expect(text).toContainText('Safe.');
    await expect(text.locator('.katex-html').first()).toBeAttached();
    expect(await text.locator('img, script, a, iframe, [href], [src], [style*="url"]').count()).toBe(0);
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    expect(requests.filter((url) => /example\.com/.test(url))).toEqual([]);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(sideways).toBe(false);
  });
});

test.describe('large brackets', () => {
  const brackets = String.raw`$$\biggl(\Bigl[\mathfrak{A}\mathcal{B}\mathscr{C}\Bigr]\biggr)$$`;
  test.use({ launch: { addon: `fake:answer=${encodeURIComponent(brackets)}` } });

  test('use the app’s own fonts, which the policy allows', async ({ page }) => {
    const chat = new ChatPage(page);
    await chat.modelReady();
    const refused = await page.evaluateHandle(() => {
      const seen: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => seen.push(violatedDirective));
      return seen;
    });
    await chat.send('Go');
    await expect(chat.text(await chat.lastAnswer('complete')).locator('.katex-html')).toBeVisible();
    await page.evaluate(async () => await document.fonts.ready);
    const states = await page.evaluate(() =>
      [...document.fonts]
        .filter(({ family }) => /^KaTeX_Size/.test(family))
        .map(({ family, status }) => [family, status]),
    );
    expect(states.filter(([, status]) => status === 'loaded').map(([family]) => family)).toContain('KaTeX_Size3');
    expect(states.filter(([, status]) => status === 'error')).toEqual([]);
    expect(await refused.jsonValue()).toEqual([]);
  });
});
