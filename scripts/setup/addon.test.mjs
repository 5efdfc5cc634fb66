import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { wasConfiguredElsewhere } from './addon.mjs';

describe('a folder that CMake has configured', () => {
  const place = mkdtempSync(join(tmpdir(), 'wyvern-cmake-'));
  const folder = join(place, 'build', 'native');
  mkdirSync(folder, { recursive: true });
  const cache = `CMAKE_PREFIX_PATH:STRING=/sdk\nCMAKE_CACHEFILE_DIR:INTERNAL=${folder.replaceAll('\\', '/')}\nA:STRING=b\n`;
  writeFileSync(join(folder, 'CMakeCache.txt'), cache);
  afterAll(() => rmSync(place, { recursive: true }));

  it('is reused for the same configuration', () => {
    expect(wasConfiguredElsewhere(folder, '/sdk')).toBe(false);
  });

  it('is not reused for another SDK or after the checkout moved', () => {
    expect(wasConfiguredElsewhere(folder, '/another')).toBe(true);
    cpSync(join(place, 'build'), join(place, 'moved'), { recursive: true });
    expect(wasConfiguredElsewhere(join(place, 'moved', 'native'), '/sdk')).toBe(true);
  });

  it('may be missing', () => {
    expect(wasConfiguredElsewhere(join(place, 'nothing'), '/sdk')).toBe(false);
  });
});
