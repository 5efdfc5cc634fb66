/**
 * Every screen in every language with little room: in a window 640 px wide, and in one of 1280 × 800 px at 200 % zoom,
 * which lays out 640 × 400.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { reload } from './reload.ts';

const answer = [
  '## Tides',
  'The **Moon** pulls the water; see [more](https://example.com/). '.repeat(4),
  '',
  '| Sea | Range | Period | Remark |\n|---|--:|--:|---|\n| North | 4 m | 12.4 h | a remark that is longer than its column |',
  '',
  '```python\ndef tide(hours: float) -> str:\n    return "high" if hours < 6 else "low"  # roughly, as every long comment says of itself\n```',
  '',
  '\\[\nx = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a} + \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a} + \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n\\]',
].join('\n');
const sizes = { 'a window 640 px wide': { width: 640, height: 800 }, '200 %': { width: 640, height: 400 } } as const;

test.use({ launch: { addon: `fake:answer=${encodeURIComponent(answer)}` } });

/**
 * Finds text and controls that a person cannot read or reach: clipped words, controls outside of the window or covered.
 *
 * @param over An overlay; if it is open, only its content is checked.
 */
async function problemsOf(page: Page, over: string): Promise<readonly string[]> {
  return await page.evaluate(async (overlay) => {
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    const found: string[] = [];
    const within = [...document.querySelectorAll<HTMLElement>(overlay)].at(-1) ?? document.body;
    const told = (element: Element): string =>
      `${element.localName} “${(element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 60)}”`;
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth} px wide`);

    /** Text of any length from a person or a model may be cut, because it is complete elsewhere. */
    const free = '[data-chat], [data-testid="model-state"] *, [aria-haspopup="dialog"] *, pre, pre *, [title]';
    for (const element of within.querySelectorAll<HTMLElement>(
      'button, label, summary, legend, h1, h2, h3, dt, p, th',
    )) {
      if (!element.checkVisibility() || element.closest('.sr-only')) continue;
      for (const part of [element, ...element.querySelectorAll<HTMLElement>('*')]) {
        if (part.matches(free) || part.closest('svg, .katex, .sr-only') || part.clientWidth <= 1) continue;
        const hidden = getComputedStyle(part).overflowX !== 'visible' || part === element;
        if (hidden && part.scrollWidth > part.clientWidth + 1) found.push(`clipped: ${told(part)}`);
      }
    }

    const controls = 'button, a[role=link], input:not([type=file]), select, textarea, summary, [role=slider]';
    for (const element of within.querySelectorAll<HTMLElement>(controls)) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(':disabled')) continue;
      const target = element.matches('.sr-only') ? (element.closest('label') ?? element) : element;
      target.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
      const { left, right, top, bottom, width, height } = target.getBoundingClientRect();
      if (width === 0 || height === 0) continue;
      if (left < 0 || right > innerWidth + 1) {
        found.push(`beside the window: ${told(target)} ${Math.round(left)}…${Math.round(right)}`);
        continue;
      }
      const x = (left + right) / 2;
      const y = (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2;
      const over = document.elementFromPoint(x, y);
      if (!over || !(target.contains(over) || over.contains(target)))
        found.push(`under ${over ? told(over) : 'nothing'}: ${told(target)}`);
    }
    return found;
  }, over);
}

/** Opens each screen by its keys, because names differ by language. */
async function visit(page: Page, look: (screen: string, over?: string) => Promise<void>): Promise<void> {
  const chat = new ChatPage(page);
  const dialog = page.locator('dialog[open]');
  const closed = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  };
  await chat.modelReady();
  await expect(chat.welcome).toBeVisible();
  await look('first run');
  const composer = page.locator('textarea');
  await composer.fill('What are tides?');
  await composer.press('Enter');
  await chat.lastAnswer('complete');
  await expect(chat.answers.locator('.katex-display')).toBeVisible();
  await look('chat');
  await page.keyboard.press('Control+B');
  await expect(page.locator('#search')).toBeVisible();
  await look('sidebar', 'nav');
  await page.keyboard.press('Control+B');
  await page.keyboard.press('Control+Shift+L');
  await expect(page.getByTestId('latency-plot')).toBeVisible();
  await look('latency', 'aside');
  await page.keyboard.press('Control+Shift+L');
  await page.keyboard.press('Control+Shift+M');
  await expect(chat.library.getByRole('searchbox')).toBeFocused();
  await look('library');
  await page.keyboard.press('Escape');
  await expect(composer).toBeVisible();
  for (const [keys, screen] of [
    ['Control+K', 'palette'],
    ['Control+/', 'shortcuts'],
    ['Control+,', 'settings'],
  ] as const) {
    await page.keyboard.press(keys);
    await expect(dialog).toBeVisible();
    if (screen === 'settings') {
      // Lines of it come by a call.
      await expect(dialog.locator('pre')).toBeAttached();
    }
    await look(screen);
    await closed();
  }
  await page.getByRole('link', { name: 'more' }).first().press('Enter');
  await expect(dialog).toBeVisible();
  await look('link');
  await closed();
  await composer.fill('/');
  await composer.press('ArrowUp');
  await expect(page.getByRole('listbox')).toBeVisible();
  await look('slash list', '[role="listbox"]');
  await composer.press('Enter');
  await expect(page.getByTestId('prompts').getByRole('listitem')).toHaveCount(10);
  await look('prompts');
  // Each row has five buttons; the fourth edits.
  await page.getByTestId('prompts').getByRole('button').nth(3).press('Enter');
  await expect(dialog.getByRole('textbox')).toHaveCount(2);
  await look('prompt');
  // Back to the list of prompts.
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('prompts')).toBeVisible();
  await closed();
  await page.keyboard.press('Control+Shift+N');
  await expect(page.getByTestId('temporary-mark')).toBeVisible();
  await look('temporary');
  await composer.fill('What are tides?');
  await composer.press('Enter');
  await chat.lastAnswer('complete');
  await look('temporary chat');
  await page.keyboard.press('Control+N');
  await expect(dialog).toBeVisible();
  await look('leave');
  // The third button leaves: the names differ by language.
  await dialog.getByRole('button').nth(2).press('Enter');
  await expect(dialog).toHaveCount(0);
}

for (const language of ['en', 'de', 'zh'] as const) {
  for (const [name, size] of Object.entries(sizes)) {
    test(`everything is readable and reachable in ${language}: ${name}`, async ({ app, page }) => {
      test.slow();
      await page.setViewportSize(size);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await new ChatPage(page).set({ language });
      await reload(app);
      await expect(page.locator('html')).toHaveAttribute('lang', language === 'zh' ? 'zh-Hans' : language);
      const problems: string[] = [];
      await visit(page, async (screen, over = 'dialog[open]') => {
        problems.push(...(await problemsOf(page, over)).map((problem) => `${screen}: ${problem}`));
        if (size.height < 800) return;
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
        problems.push(...violations.map(({ id, nodes }) => `${screen}: ${id} ${nodes.map(({ html }) => html).join()}`));
      });
      expect(problems).toEqual([]);
    });
  }
}
