import fc from 'fast-check';
import { resolve, sep } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { confine } from './app-scheme.ts';

vi.mock('electron', () => ({ protocol: {} }));

const root = resolve('/opt/wyvern/out/renderer');
const inside = (path: string): string => resolve(root, path);

describe('confine', () => {
  test.each([
    ['app://wyvern/', 'index.html'],
    ['app://wyvern/index.html', 'index.html'],
    ['app://wyvern/assets/a.js?v=1#x', 'assets/a.js'],
    ['app://wyvern/a%20b.png', 'a b.png'],
    ['app://wyvern/./assets/../index.html', 'index.html'],
  ])('%s is %s', (url, file) => expect(confine(root, url)).toBe(inside(file)));

  test.each([
    'app://wyvern/..%2fmain%2findex.js',
    'app://wyvern/%2e%2e%2fmain/index.js',
    'app://wyvern/..%5cmain%5cindex.js',
    'app://wyvern/%00',
    'app://wyvern/c:%5cwindows',
    'app://wyvern/c:/windows',
    'app://wyvern/%',
    'app://other/index.html',
    'app://wyvern:80/index.html',
    'app://wyvern.example.com/index.html',
    'https://wyvern/index.html',
    'file:///etc/passwd',
    'not a url',
    '',
    // A sibling folder whose name starts with the root's name.
    'app://wyvern/..%2frenderer-of-another/index.html',
  ])('%s is nothing', (url) => expect(confine(root, url)).toBeUndefined());

  test('no path leaves the root', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '/', '\\', '%00', ':', '%25', 'renderer', 'main'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const file = confine(root, `app://wyvern/${pieces.join('')}`);
        return file === undefined || file.startsWith(root + sep);
      }),
      { numRuns: 5000 },
    );
  });
});
