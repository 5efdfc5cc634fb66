/** Model text is hostile: it draws only text, loads nothing and opens nothing by itself. */
import { expect, test } from './app.ts';
import { ChatPage } from './chat-page.ts';
import { noteOpened } from './opened-links.ts';

const attack = [
  '<img src="https://example.com/i.png" onerror="window.hit=1"><script>window.hit=1</script>',
  '',
  '![picture](https://example.com/p.png) ![data](data:image/svg+xml,<svg onload=alert(1)>)',
  '',
  '[script](javascript:window.hit=1) [file](file:///etc/passwd) [data](data:text/html,x) [host](//example.com/x)',
  '',
  'See [the bank](https://example.com/very/long?where=elsewhere) or <https://example.org/> or https://example.net.',
].join('\n');

test.use({ launch: { addon: `fake:answer=${encodeURIComponent(attack)}` } });

test('markup stays text, and links show their address before they open', async ({ app, page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const opened = await noteOpened(app);
  const chat = new ChatPage(page);
  await chat.modelReady();
  await chat.send('Go');
  const text = chat.text(await chat.lastAnswer('complete'));
  await expect(text).toContainText('<script>window.hit=1</script>');
  await expect(text).toContainText('Image not shown: picture');
  expect(await text.locator('img, script, svg, iframe, [href], [src]').count()).toBe(0);
  expect(await page.evaluate(() => 'hit' in window)).toBe(false);
  await expect(text.getByRole('link')).toHaveText(['the bank', 'https://example.org/', 'https://example.net']);

  const dialog = page.getByRole('dialog', { name: 'Open this link?' });
  await text.getByRole('link', { name: 'the bank' }).click();
  await expect(dialog.getByTestId('link-address')).toHaveText('https://example.com/very/long?where=elsewhere');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  expect(await opened()).toEqual([]);

  await text.getByRole('link', { name: 'the bank' }).press('Enter');
  await dialog.getByRole('button', { name: 'Open in browser' }).click();
  await expect.poll(opened).toEqual(['https://example.com/very/long?where=elsewhere']);
  expect(requests.filter((url) => /example\.(com|org|net)/.test(url))).toEqual([]);
});
