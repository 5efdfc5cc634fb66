import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash, filesUnder } from '../lib/content-hash.mjs';
import { pythonClosure } from '../lib/python-closure.mjs';
import { at, modelFolder, pythonOf, root } from '../lib/places.mjs';
import { python, pythonEnvironment } from './python.mjs';

const key = () =>
  contentHash({
    base: root,
    files: [
      ...pythonClosure(at('export', 'default_model', 'bundle.py')),
      ...filesUnder([at('export', 'default_model', 'programs')]),
    ],
    facts: [python.key()],
  });

/**
 * The default model bundle: SmolLM2-135M-Instruct, its weights converted from the GGUF file of a Python package.
 * @type {import('./stage.mjs').Stage}
 */
export const model = {
  name: 'model',
  title: 'default model',
  key,
  isThere: () => existsSync(join(modelFolder, 'wyvern.json')),
  async make({ run, note }) {
    const folder = await cached({
      kind: 'model',
      key: key(),
      digests: true,
      async make(folder) {
        await run(pythonOf(at('.venv')), ['-m', 'export', 'bundle', 'smollm2', '--out', folder], {
          what: 'Making the default model bundle',
          env: pythonEnvironment,
          onLine: (line) => note(line.replace(/^\[[^\]]*\] /, '')),
        });
      },
    });
    // Rename it into place, so that an app that starts meanwhile sees the whole model or none.
    const partial = `${modelFolder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(folder, partial, { recursive: true, filter: (path) => !path.includes('.wyvern-manifest') });
    rmSync(modelFolder, { recursive: true, force: true });
    renameSync(partial, modelFolder);
  },
};
