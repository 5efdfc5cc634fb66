/**
 * What goes out beside an installer: hashes, a bill of materials, and the hashes of what the installer installs.
 *
 *   node scripts/release/finish.mjs dist
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesUnder } from '../lib/content-hash.mjs';
import { Failure, runMain } from '../lib/failure.mjs';
import { at } from '../lib/places.mjs';
import { collectNotices } from '../notices/collect.mjs';
import { makeSbom } from './sbom.mjs';

/** @param {string} path */
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

await runMain(() => {
  const [folder] = process.argv.slice(2);
  const unpacked = join(folder ?? '', 'win-arm64-unpacked');
  if (folder === undefined || !existsSync(unpacked)) {
    throw new Failure('No folder was given. Name the one with win-arm64-unpacked, which scripts/package.mjs makes.');
  }
  /** @type {{ version: string, devDependencies: Record<string, string> }} */
  const { version, devDependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const sbom = makeSbom({
    version,
    electron: devDependencies['electron'] ?? '',
    time: new Date().toISOString(),
    notices: collectNotices(),
  });
  writeFileSync(join(folder, 'wyvern.sbom.json'), `${JSON.stringify(sbom, undefined, 2)}\n`);
  const assets = readdirSync(folder)
    .filter((name) => /^Wyvern-.*\.(exe|zip)$/.test(name) || name === 'wyvern.sbom.json')
    .sort();
  writeFileSync(join(folder, 'SHA256SUMS'), assets.map((name) => `${sha256(join(folder, name))}  ${name}\n`).join(''));
  const contents = filesUnder([unpacked], () => true).sort();
  writeFileSync(
    join(folder, 'contents.sha256'),
    contents.map((path) => `${sha256(path)}  ${relative(unpacked, path).replaceAll('\\', '/')}\n`).join(''),
  );
  console.log(readFileSync(join(folder, 'SHA256SUMS'), 'utf8'));
  return Promise.resolve();
});
