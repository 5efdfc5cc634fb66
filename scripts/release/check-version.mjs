/** `node scripts/release/check-version.mjs tag v0.1.0`: whether that may be released. */
import { readFileSync } from 'node:fs';
import { runMain } from '../lib/failure.mjs';
import { at } from '../lib/places.mjs';
import { checkVersion } from './version.mjs';

await runMain(() => {
  const [refType = '', refName = ''] = process.argv.slice(2);
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  checkVersion({ refType, refName, version, changelog: readFileSync(at('CHANGELOG.md'), 'utf8') });
  console.log(refType === 'tag' ? `Releasing ${version}` : `A rehearsal of ${version}`);
  return Promise.resolve();
});
