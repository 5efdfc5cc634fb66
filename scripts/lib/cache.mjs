import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileSha256, filesUnder } from './content-hash.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder } from './places.mjs';

/**
 * Keeps outputs outside of the checkout, by the hash of their inputs.
 *
 * An entry is a folder `<cache>/<kind>/<key>`. It is valid only if its manifest, which is written last and by rename,
 * agrees with the files. So remains of a killed set-up, a full disk or a cleaner are detected and made again.
 */
const manifestName = '.wyvern-manifest.json';
const unusedDays = 60;

/**
 * @typedef {object} Request
 * @property {string} kind
 * @property {string} key
 * @property {(folder: string) => Promise<void>} make Fills the (empty, existing) folder.
 * @property {boolean} [digests] Compare contents, not only sizes; for entries of few files.
 * @property {string} [cache] Root of the cache.
 */

/**
 * Returns the folder of an entry; makes the entry first if it is missing or incomplete.
 * @param {Request} request
 * @returns {Promise<string>}
 */
export async function cached({ kind, key, make, digests = false, cache = cacheFolder() }) {
  const folder = join(cache, kind, key);
  return await withLock(`${folder}.lock`, async () => {
    if (!isWhole(folder)) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      await make(folder);
      writeManifest(folder, digests);
      dropUnused(join(cache, kind), key);
    }
    const now = new Date();
    utimesSync(join(folder, manifestName), now, now);
    return folder;
  });
}

/**
 * Returns whether an entry is complete.
 * @param {string} folder
 */
export function isWhole(folder) {
  try {
    /** @type {{ files: Record<string, { size: number, sha256?: string }> }} */
    const { files } = JSON.parse(readFileSync(join(folder, manifestName), 'utf8'));
    return Object.entries(files).every(([name, { size, sha256 }]) => {
      const path = join(folder, name);
      return statSync(path).size === size && (sha256 === undefined || fileSha256(path) === sha256);
    });
  } catch {
    return false;
  }
}

/** @param {string} folder @param {boolean} digests */
function writeManifest(folder, digests) {
  const files = Object.fromEntries(
    // Include links: a virtual environment needs the Python that it links to.
    filesUnder([folder], () => true, { links: true }).map((path) => [
      relative(folder, path),
      { size: statSync(path).size, ...(digests ? { sha256: fileSha256(path) } : {}) },
    ]),
  );
  const temporary = join(folder, `${manifestName}.partial`);
  const file = openSync(temporary, 'w');
  writeFileSync(file, JSON.stringify({ files }));
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, join(folder, manifestName));
}

/** Removes entries that were not used for long, so that the cache does not grow without limit. @param {string} folder @param {string} keep */
function dropUnused(folder, keep) {
  const oldest = Date.now() - unusedDays * 24 * 3600 * 1000;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === keep || existsSync(join(folder, `${entry.name}.lock`))) continue;
    const manifest = join(folder, entry.name, manifestName);
    const used = statSync(existsSync(manifest) ? manifest : join(folder, entry.name)).mtimeMs;
    if (used < oldest) rmSync(join(folder, entry.name), { recursive: true, force: true });
  }
}
