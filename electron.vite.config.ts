import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { notices } from './scripts/notices/vite-plugin.mjs';

const at = (path: string): string => resolve(import.meta.dirname, path);

/** KaTeX names each font in three formats. Chromium takes the first, so the package leaves out the others. */
const onlyWoff2: Plugin = {
  name: 'only-woff2',
  enforce: 'pre',
  transform: {
    filter: { id: /katex[^?]*\.css/ },
    handler: (code) => code.replaceAll(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("[a-z]+"\)/g, ''),
  },
};

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      // The package contains no node_modules.
      externalizeDeps: false,
      rolldownOptions: {
        input: {
          index: at('main/index.ts'),
          engine: at('main/engine/index.ts'),
          documents: at('main/documents/process.ts'),
          server: at('main/server/index.ts'),
          'check-worker': at('main/store/check-worker.ts'),
          'prepare-worker': at('main/gguf/prepare-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload cannot require from node_modules, so its one file contains everything except Electron.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: at('preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    build: {
      outDir: at('out/renderer'),
      minify: true,
      // The window's policy allows fonts from files, not from data URLs.
      assetsInlineLimit: 0,
      rolldownOptions: { input: { index: at('renderer/index.html') } },
    },
    plugins: [react(), tailwindcss(), onlyWoff2, notices],
  },
});
