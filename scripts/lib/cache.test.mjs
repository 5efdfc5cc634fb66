import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cached } from './cache.mjs';

/** @type {string} */
let cache;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'wyvern-cache-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

let made = 0;
const request = (key = 'one') => ({
  cache,
  kind: 'things',
  key,
  digests: true,
  make: async (/** @type {string} */ folder) => {
    made += 1;
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(folder, 'inner', 'thing.bin'), 'eight by');
    writeFileSync(join(cache, 'outside'), 'elsewhere');
    if (canLink) symlinkSync(join(cache, 'outside'), join(folder, 'link'));
  },
});
/** Windows makes links to files only with special rights. */
const canLink = process.platform !== 'win32';
const thing = (/** @type {string} */ folder) => join(folder, 'inner', 'thing.bin');

describe('cached', () => {
  beforeEach(() => {
    made = 0;
  });

  it('makes an entry once', async () => {
    const folder = await cached(request());
    expect(await cached(request())).toBe(folder);
    expect({ made, content: readFileSync(thing(folder), 'utf8') }).toEqual({ made: 1, content: 'eight by' });
    expect(await cached(request('two'))).not.toBe(folder);
    expect(made).toBe(2);
  });

  it.each(
    /** @type {[string, (folder: string) => void][]} */ ([
      ['a file is missing', (folder) => rmSync(thing(folder))],
      ['a file is cut short', (folder) => truncateSync(thing(folder), 3)],
      ['a byte differs', (folder) => writeFileSync(thing(folder), 'eight bx')],
      ...(canLink
        ? /** @type {[string, (folder: string) => void][]} */ ([
            ['a link is missing', (folder) => rmSync(join(folder, 'link'))],
            ['what a link points to is missing', () => rmSync(join(cache, 'outside'))],
          ])
        : []),
      ['the manifest is missing', (folder) => rmSync(join(folder, '.wyvern-manifest.json'))],
      ['the manifest is cut short', (folder) => truncateSync(join(folder, '.wyvern-manifest.json'), 9)],
    ]),
  )('makes it anew when %s', async (_, damage) => {
    const folder = await cached(request());
    damage(folder);
    await cached(request());
    expect({ made, content: readFileSync(thing(folder), 'utf8') }).toEqual({ made: 2, content: 'eight by' });
  });

  it('leaves no valid entry when making fails', async () => {
    const failing = {
      ...request(),
      make: async (/** @type {string} */ folder) => {
        writeFileSync(join(folder, 'half'), '');
        throw new Error('disk full');
      },
    };
    await expect(cached(failing)).rejects.toThrow('disk full');
    const folder = await cached(request());
    expect({ made, half: existsSync(join(folder, 'half')) }).toEqual({ made: 1, half: false });
  });

  it('makes an entry once when several processes want it at the same time', async () => {
    const script = join(cache, 'worker.mjs');
    const journal = join(cache, 'journal');
    appendFileSync(journal, '');
    writeFileSync(
      script,
      `import { cached } from ${JSON.stringify(new URL('./cache.mjs', import.meta.url).href)};
       import { appendFileSync, writeFileSync } from 'node:fs';
       await cached({ cache: ${JSON.stringify(cache)}, kind: 'shared', key: 'k', make: async (folder) => {
         appendFileSync(${JSON.stringify(journal)}, 'made\\n');
         for (let i = 0; i < 50; i += 1) { writeFileSync(folder + '/f' + i, 'x'); await new Promise((r) => setImmediate(r)); }
       } });`,
    );
    const codes = await Promise.all(
      Array.from({ length: 4 }, async () => (await once(fork(script, { stdio: 'inherit' }), 'exit'))[0]),
    );
    expect({ codes, journal: readFileSync(journal, 'utf8') }).toEqual({ codes: [0, 0, 0, 0], journal: 'made\n' });
  });

  it('removes entries that were not used for months', async () => {
    const old = await cached(request('old'));
    const recent = await cached(request('recent'));
    const longAgo = new Date(Date.now() - 100 * 24 * 3600 * 1000);
    utimesSync(join(old, '.wyvern-manifest.json'), longAgo, longAgo);
    await cached(request('new'));
    expect({ old: existsSync(old), recent: existsSync(recent) }).toEqual({ old: false, recent: true });
  });
});
