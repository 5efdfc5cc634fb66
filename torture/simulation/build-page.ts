/** Bundles the window's state into one script, which each simulated page runs anew. */
import { join, resolve } from 'node:path';
import { build } from 'vite';

const source = resolve(import.meta.dirname, '../../renderer/testing/page.ts');

/** @returns the script: the body of a function that sets `exports.page` */
export async function buildPage(outDir: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { ssr: source, outDir, rolldownOptions: { output: { format: 'cjs', entryFileNames: 'page.cjs' } } },
  });
  return join(outDir, 'page.cjs');
}
