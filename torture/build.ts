/** Bundles parts of the app into one JavaScript file each, which start several times as fast as their sources. */
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');

/** @param source Relative to the checkout. @returns The file, `NAME.mjs` in `outDir` */
export async function buildForNode(source: string, name: string, outDir: string): Promise<string> {
  const output = { entryFileNames: `${name}.mjs` };
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    // In Wine the resolver finds no package by the real path of a file.
    resolve: { preserveSymlinks: true },
    build: { ssr: join(root, source), outDir, rolldownOptions: { output } },
  });
  return join(outDir, `${name}.mjs`);
}
