/**
 * Puts a release on GitHub as a draft, for a person to look at and publish: `node scripts/release/publish.mjs dist v0.1.0`.
 * Only what is in SHA256SUMS goes up, with that file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, runMain } from '../lib/failure.mjs';
import { at } from '../lib/places.mjs';
import { endChildrenOnExit, run } from '../lib/run.mjs';
import { notesOf } from './version.mjs';

await runMain(async () => {
  const [folder, tag] = process.argv.slice(2);
  if (folder === undefined || tag === undefined) throw new Failure('A folder and a tag are needed.');
  endChildrenOnExit();
  const notes = notesOf(readFileSync(at('CHANGELOG.md'), 'utf8'), tag.replace(/^v/, ''));
  if (notes === undefined) throw new Failure(`CHANGELOG.md has no section for ${tag}.`);
  const sums = join(folder, 'SHA256SUMS');
  const assets = readFileSync(sums, 'utf8')
    .trim()
    .split('\n')
    .map((line) => join(folder, line.slice(66)));
  const text = join(folder, 'notes.md');
  writeFileSync(text, notes);
  await run('gh', ['release', 'create', tag, '--draft', '--title', tag, '--notes-file', text, ...assets, sums], {
    what: 'Making the draft release',
    log: (line) => process.stdout.write(line),
  });
});
