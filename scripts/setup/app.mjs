import { existsSync } from 'node:fs';
import { contentHash, filesUnder } from '../lib/content-hash.mjs';
import { at, node, root } from '../lib/places.mjs';

const isSource = (/** @type {string} */ path) => !/\.test\.tsx?$|[\\/]cli[\\/]/.test(path);

/**
 * The app for starting: main process, preload and window, bundled by electron-vite into `out/`.
 * @type {import('./stage.mjs').Stage}
 */
export const app = {
  name: 'app',
  title: 'app',
  key: () =>
    contentHash({
      base: root,
      files: [
        ...[at('package.json'), at('package-lock.json'), at('electron.vite.config.ts'), at('tsconfig.base.json')],
        ...filesUnder([at('main'), at('preload'), at('renderer'), at('scripts', 'notices')], isSource),
      ],
    }),
  isThere: () =>
    [
      ['main', 'index.js'],
      ['main', 'engine.js'],
      ['preload', 'index.cjs'],
      ['renderer', 'index.html'],
    ].every((parts) => existsSync(at('out', ...parts))),
  async make({ run }) {
    await run(node, [at('node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
      what: 'Building the app',
      hint: 'Run npm run check to find the error in the sources.',
    });
  },
};
