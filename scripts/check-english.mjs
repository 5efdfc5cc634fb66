/** Refuses the phrases of `lib/plain-english.mjs` in every text of the checkout that Git does not ignore. */
import { existsSync, readFileSync } from 'node:fs';
import { bannedPhrases } from './lib/plain-english.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { at, root } from './lib/places.mjs';
import { run } from './lib/run.mjs';

const texts = ['ts', 'tsx', 'mts', 'mjs', 'cpp', 'h', 'py', 'md', 'yml', 'ps1', 'css', 'html'].map((end) => `*.${end}`);

/** Texts that quote the phrases, sample texts, and texts that this check does not cover. */
const left = [
  'docs/style.md',
  'scripts/lib/plain-english*',
  '**/fixtures/**',
  'export/**/*.txt',
  'e2e/looks/sample-chats.ts',
];

await runMain(async () => {
  if (!existsSync(at('.git'))) return;
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--'];
  const paths = [...texts, ...left.map((path) => `:(exclude,glob)${path}`)];
  const listed = (await run('git', ['-C', root, ...args, ...paths])).split('\0');
  const files = listed.filter((file) => file !== '' && existsSync(at(file)));
  const found = files.flatMap((file) =>
    bannedPhrases(readFileSync(at(file), 'utf8')).map(
      ({ line, phrase, instead }) => `${file}:${line}: "${phrase}"; write instead: ${instead}`,
    ),
  );
  if (found.length > 0) {
    throw new Failure(`${found.length} phrases are not plain English.`, {
      log: found,
      hint: 'Rewrite each sentence; docs/style.md has the rules and examples.',
    });
  }
});
