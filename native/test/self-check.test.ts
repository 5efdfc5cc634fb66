/** The addon's message for an incomplete build, which linkers and packaging can cause. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { addonFolder } from './addon-path.ts';

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** Loads, in its own process, an addon with one library replaced by one that registers nothing. */
function loadWithout(library: string): unknown {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-self-check-'));
  for (const name of readdirSync(addonFolder)) copyFileSync(join(addonFolder, name), join(folder, name));
  copyFileSync(join(addonFolder, 'qnn_stand_in.so'), join(folder, library));
  const script = `
    import { loadAddon } from ${JSON.stringify(new URL('../../main/engine/addon.ts', import.meta.url).href)};
    const failed = (error) => ({ code: error.code, message: error.message });
    console.log(JSON.stringify(await loadAddon({ WYVERN_ADDON: process.argv[1] }).then(() => ({}), failed)));`;
  const node = [process.execPath, ['--input-type=module', '-e', script, join(folder, 'wyvern.node')]] as const;
  return JSON.parse(execFileSync(...node, { encoding: 'utf8' }));
}

test.runIf(process.platform === 'linux').each([
  ['libexecutorch_backend_xnnpack.so', 'The build has no XnnpackBackend.'],
  ['libexecutorch_kernels_quantized.so', 'The build has no quantized_decomposed::embedding_byte.out.'],
  ['libexecutorch_kernels_optimized.so', 'The build has no aten::add.out.'],
])('without %s the addon does not load, and says what is missing', (library, message) => {
  expect(loadWithout(library)).toEqual({
    code: 'addon-incomplete',
    message: `The native runtime (wyvern.node) lacks parts that every model needs. ${message}`,
  });
});
