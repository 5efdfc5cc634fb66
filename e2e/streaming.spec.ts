/** An answer in hard Markdown at the speed of a small model: no block on the screen vanishes or changes its kind. */
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';

const answer = [
  'Buy:\n- **bread**\n- *milk*\n  - `salt`\n\n1. First\n2. Second',
  'In\n\n2024 it rained 3~5 days.\n\n42',
  'See:\n| a | b |\n|---|:-:|\n| 1 | **2** |\n| 3 | x<br>y |',
  '***\n\n**bold**\n\n---\n\n* * *',
  '## Two\n#hashtag\n\n> said\n> so\n>\n> - item',
  'Look:\n```py\nx = 1\n```\n- item\n  ```js\n  z()\n  ```',
  '```markdown\n# Title\n\n```bash\nnpm i\n```\n\n## Usage\n```',
  '\\[ y = 2 \\]\n\n$$\nz^2\n$$\n\n\\(a\\) costs $5.',
  'Roses are red\nViolets are blue\n\n<b>bold</b>',
  '**注意：**请看https://example.com。更多内容\n\nEnd.',
].join('\n\n');

test.use({ launch: { addon: `fake:rate=45&answer=${encodeURIComponent(answer)}` } });

test('an answer that streams never flickers', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.modelReady();
  const watched = page.evaluate(watchBlocks);
  await chat.send('Write.');
  const { frames, lost } = await watched;
  expect(lost).toEqual([]);
  expect(frames).toBeGreaterThan(50);
  const text = chat.text(await chat.lastAnswer('complete'));
  await expect(text.locator('h2')).toHaveText(['Two']);
  await expect(text.locator('td').last()).toHaveText('x\ny', { useInnerText: true });
  await expect(text.getByText('Roses are red')).toHaveText('Roses are red\nViolets are blue', { useInnerText: true });
  await expect(text.locator('figure').last()).toContainText('## Usage');
});

/** Runs in the page. Compares the blocks of each frame with those of the frame before. */
async function watchBlocks(): Promise<{ readonly frames: number; readonly lost: readonly string[] }> {
  interface Drawn {
    readonly kind: string;
    readonly inside: readonly Drawn[];
  }
  const kinds = 'h1,h2,h3,h4,h5,h6,ul,ol,li,blockquote,table,tr,figure,hr,p';
  /** Blocks inside an element. A paragraph of a list item is transparent: it appears when the list becomes loose. */
  const blocksIn = (element: Element): readonly Drawn[] =>
    [...element.children].flatMap((child): readonly Drawn[] => {
      if (!child.matches(kinds) || child.matches('li > p')) return blocksIn(child);
      return [{ kind: child.localName, inside: blocksIn(child) }];
    });
  const lost: string[] = [];
  const compare = (before: readonly Drawn[], now: readonly Drawn[], place: string): void => {
    for (const [index, old] of before.entries()) {
      const next = now[index];
      const here = `${place}/${index} ${old.kind}`;
      if (next?.kind === old.kind) compare(old.inside, next.inside, here);
      else lost.push(`${here} → ${next?.kind ?? 'nothing'}`);
    }
  };
  const { promise, resolve } = Promise.withResolvers<{ frames: number; lost: readonly string[] }>();
  let before: readonly Drawn[] = [];
  let frames = 0;
  const observer = new MutationObserver(() => {
    const last = document.querySelector('[data-testid=answer]');
    const text = last?.querySelector('[data-testid=answer-text]');
    if (!last || !text) return;
    const now = blocksIn(text);
    compare(before, now, '');
    before = now;
    frames++;
    if (last.getAttribute('data-state') !== 'complete') return;
    observer.disconnect();
    resolve({ frames, lost });
  });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  return await promise;
}
