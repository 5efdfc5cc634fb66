import { expect, test } from 'vitest';
import { toAppUrl, toPageUrl } from './origin.ts';

test.each(['app://wyvern/index.html', 'app://wyvern/a/b.js?x=1#y', 'app://two.labels/', 'other://host/%20'])(
  '%s survives the way to the page and back',
  (url) => {
    const page = toPageUrl(url);
    expect(new URL(page).protocol).toBe('https:');
    expect(toAppUrl(page)).toBe(url);
  },
);

test.each(['https://example.com/', 'http://localhost:1/', 'data:text/html,x', 'about:blank', 'not a url'])(
  '%s is not the app’s and stays what it is',
  (url) => expect(toAppUrl(url)).toBe(url),
);

test('web addresses stay unchanged', () => {
  expect(toPageUrl('https://example.com/')).toBe('https://example.com/');
  expect(toAppUrl('https://app.electron-host.invalid.example.com/')).toBe(
    'https://app.electron-host.invalid.example.com/',
  );
});
