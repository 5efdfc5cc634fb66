import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, cacheFolder, pythonOf, root } from '../lib/places.mjs';
import { pythonEnvironment } from './python.mjs';

const pin = at('scripts', 'setup', 'sentencepiece.txt');
const key = () => contentHash({ base: root, files: [pin] });

/** Its C++ sources, unpacked, in the cache: the folder with SentencePiece's `CMakeLists.txt`. */
export const sentencePieceSources = () => join(cacheFolder(), 'sentencepiece', key(), 'sentencepiece');

/**
 * SentencePiece's C++ sources, which its source distribution on the Python index carries: newer than what Linux
 * distributions have, and free of their crashes on crafted files. The hash in the pin file is checked by pip.
 * @type {import('./stage.mjs').Stage}
 */
export const sentencePiece = {
  name: 'sentencepiece',
  title: 'SentencePiece sources',
  key,
  isThere: () => existsSync(join(sentencePieceSources(), 'CMakeLists.txt')),
  async make({ run }) {
    await cached({
      kind: 'sentencepiece',
      key: key(),
      async make(folder) {
        const download = join(folder, 'download');
        mkdirSync(download);
        const pip = ['-m', 'pip', 'download', '--no-deps', '--no-binary', 'sentencepiece', '--progress-bar', 'off'];
        await run(pythonOf(at('.venv')), [...pip, '--require-hashes', '-r', pin, '-d', download], {
          what: 'Downloading the SentencePiece sources',
          hint: 'If the lines above speak of the network, check that pip reaches its index, then run the same command again.',
          env: pythonEnvironment,
        });
        const [archive] = readdirSync(download);
        if (archive === undefined) throw new Failure('pip downloaded no SentencePiece sources.');
        await run(pythonOf(at('.venv')), ['-m', 'tarfile', '-e', join(download, archive), download], {
          what: 'Unpacking the SentencePiece sources',
        });
        renameSync(join(download, archive.replace(/\.tar\.gz$/, ''), 'sentencepiece'), join(folder, 'sentencepiece'));
        rmSync(download, { recursive: true });
      },
    });
  },
};
