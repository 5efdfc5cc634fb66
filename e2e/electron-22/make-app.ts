/**
 * Makes a folder with the built app for Electron 22: the modules of main/ as CommonJS, because Electron loads ECMAScript
 * modules only since 28; the preload and the window as they are; and, before each, what this Electron lacks (`before.ts`). A
 * script replaces the engine. `prepare-worker.js` (GGUF) stays out, because only ECMAScript modules can await at their top.
 */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../..');
const beforeFile = 'before.cjs';

/** Bundles modules of this checkout into CommonJS for Node 16. */
async function bundle(
  input: Readonly<Record<string, string>>,
  folder: string,
  names: string,
  banner = '',
): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'node16',
      minify: false,
      ssr: true,
      rolldownOptions: {
        input: { ...input },
        external: ['electron', /^node:/, ...builtinModules],
        output: { format: 'cjs', entryFileNames: names, chunkFileNames: names, banner },
      },
    },
    ssr: { noExternal: true },
  });
}

/** Before Electron 29 a file has its path, and there is no `webUtils`. */
const olderPreload = (code: string): string => `((ownRequire) => {
  const require = (name) => {
    const module = ownRequire(name);
    if (name !== 'electron' || module.webUtils) return module;
    return Object.create(module, { webUtils: { value: { getPathForFile: (file) => file.path } } });
  };
${code}
})(require);
`;

/** @returns the app's folder */
export async function makeApp(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-electron-22-'));
  const at = (...names: readonly string[]): string => join(folder, ...names);
  const own = (...names: readonly string[]): string => join(root, ...names);
  const about = JSON.parse(readFileSync(own('package.json'), 'utf8')) as Readonly<Record<string, unknown>>;
  writeFileSync(at('package.json'), JSON.stringify({ ...about, type: 'commonjs' }));

  const modules = {
    index: own('out/main/index.js'),
    'check-worker': own('out/main/check-worker.js'),
    engine: own('e2e/electron-22/scripted-engine.ts'),
  };
  await bundle(modules, at('out/main'), '[name].js', `require('../../${beforeFile}');`);
  await bundle({ before: own('e2e/electron-22/before.ts') }, folder, '[name].cjs');
  await bundle({ language: own('e2e/electron-22/language.ts') }, at('out/renderer'), '[name].js');

  const [preload, page] = [own('out/preload/index.cjs'), own('out/renderer/index.html')];
  cpSync(own('out/renderer'), at('out/renderer'), { recursive: true });
  cpSync(preload, at('out/preload/index.cjs'));
  writeFileSync(at('out/preload/index.cjs'), olderPreload(readFileSync(preload, 'utf8')));
  const html = readFileSync(page, 'utf8');
  writeFileSync(at('out/renderer/index.html'), html.replace('<script', '<script src="/language.js"></script><script'));
  return folder;
}
