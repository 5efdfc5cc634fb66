/**
 * Holds commit subjects to CONTRIBUTING.md's rule. Without arguments it reads the history of HEAD, as `npm run check` does;
 * `--message FILE` reads one message, as the commit-msg hook does.
 */
import { readFileSync } from 'node:fs';
import { isWrittenByGit, subjectFault } from './lib/commit-subject.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { root } from './lib/places.mjs';
import { run } from './lib/run.mjs';

/** The last commit from before the rule. */
const lastUnchecked = 'ddf71e1b680f64d64a2f09fc14b69e4ec9440c8e';

/** @param {string[]} args */
const git = (...args) => run('git', ['-C', root, ...args]);

/**
 * Subjects of HEAD's first-parent history since the rule, newest first. A shallow clone gives those that it has, and a
 * checkout without Git none.
 */
async function subjects() {
  const isRepository = await git('rev-parse', '--is-shallow-repository').catch(() => undefined);
  if (isRepository === undefined) return [];
  const knowsOld = await git('merge-base', '--is-ancestor', lastUnchecked, 'HEAD').then(
    () => true,
    () => false,
  );
  // A history without that commit was rewritten, unless it is cut off: then only its newest commit is surely ours.
  const range = knowsOld ? [`${lastUnchecked}..HEAD`] : isRepository.trim() === 'true' ? ['HEAD'] : ['-1', 'HEAD'];
  return (await git('log', '--first-parent', '--no-merges', '--format=%s', ...range)).split('\n').filter(Boolean);
}

/** @param {string} path */
function messageSubject(path) {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
}

await runMain(async () => {
  const [option, path] = process.argv.slice(2);
  const checked = option === '--message' && path !== undefined ? [messageSubject(path)] : await subjects();
  const faults = checked
    .filter((subject) => !isWrittenByGit(subject))
    .flatMap((subject) => {
      const fault = subjectFault(subject);
      return fault === undefined ? [] : [`"${subject}": the subject ${fault}.`];
    });
  if (faults.length > 0) {
    throw new Failure('Commit subjects do not follow CONTRIBUTING.md.', {
      log: faults,
      hint: 'Write an imperative of at most 72 characters, without a full stop, such as "Add a check of commit subjects".',
    });
  }
});
