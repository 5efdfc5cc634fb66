/** D5: chats of every older version open, also if the app is killed during their migration. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fixtureMessages, fixturePath } from '../main/store/fixtures/make.ts';
import { migrations } from '../main/store/migrations.ts';
import type { TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder, using } from './sample-store.ts';

interface Case {
  readonly version: number;
  /** Number of the next step's statements before the kill; absent: no kill. */
  readonly killAfter?: { readonly step: number; readonly statements: number };
}

/** The statements of a step; a trigger counts as one. */
function statementsOf(step: string): readonly string[] {
  const statements: string[] = [];
  let statement = '';
  for (const line of step.split(/(?<=;\s*\n)/)) {
    statement += line;
    const code = statement.replaceAll(/--.*$/gm, '').trim();
    const isWhole = code.endsWith(';') && (!/\bBEGIN\b/.test(code) || code.endsWith('END;'));
    if (!isWhole) continue;
    statements.push(statement);
    statement = '';
  }
  return statement.trim() === '' ? statements : [...statements, `${statement};`];
}

const all: readonly Case[] = migrations.flatMap((_, index): Case[] => {
  const version = index + 1;
  const later = [...migrations.entries()].slice(version);
  return [
    { version },
    ...later.flatMap(([step, text]) =>
      Array.from({ length: statementsOf(text).length + 1 }, (_none, statements) => ({
        version,
        killAfter: { step, statements },
      })),
    ),
  ];
});

export const olderVersions: TriedPromise = {
  id: 'D5',
  says: 'every older version’s chats open',
  cases: all.length,
  most: all.length,
  attempt: (trial) =>
    tryCases(trial, (_random, index) =>
      inFolder((folder) => {
        const one = all[index];
        if (!one) throw new Error('There is no such case');
        return attempt(join(folder, 'wyvern.sqlite'), one);
      }),
    ),
};

const href = (path: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href);
/** Opens the store like the app, with steps that kill it. */
const killed = `
  import { openDatabase } from ${href('../main/store/database.ts')};
  const [, path, steps] = process.argv;
  openDatabase(path, {
    steps: JSON.parse(steps),
    beforeMigration: (database) =>
      database.function('kill', { directOnly: true }, () => process.kill(process.pid, 'SIGKILL')),
  });
`;

function attempt(path: string, { version, killAfter }: Case): number {
  const frozen = fixturePath(version);
  if (!existsSync(frozen))
    throw new Error(`Version ${version} of the schema has no frozen store. Run: node main/store/fixtures/make.ts`);
  copyFileSync(frozen, path);
  if (killAfter) {
    const { step, statements } = killAfter;
    const steps = migrations.map((text, index) => {
      if (index !== step) return text;
      const parts = statementsOf(text);
      return [...parts.slice(0, statements), 'SELECT kill();', ...parts.slice(statements)].join('\n');
    });
    const args = ['--input-type=module', '-e', killed, path, JSON.stringify(steps)];
    const { signal, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    // Windows has no signals: a process that is killed has status 1.
    const isKilled = process.platform === 'win32' ? status === 1 && stderr === '' : signal === 'SIGKILL';
    if (!isKilled) throw new Error(`It was not killed: ${stderr}`);
  }
  return using(path, (store) => {
    if (store.salvaged()) throw new Error('A kill was taken for damage');
    const shown = new Map(store.tree.path('c').map(({ id, text }) => [id, text]));
    const isThere = store.conversations.get('c')?.title === 'Wyverns' && store.settings.all()['theme'] === 'dark';
    if (!isThere || store.models.lastUsed()?.id !== 'm') throw new Error('The chat, a setting or a model is not there');
    if (store.search('dragon', 5).length !== 1) throw new Error('What was said is not found');
    const kept = [...shown.keys()].join() === fixtureMessages.map(({ id }) => id).join();
    if (!kept) throw new Error(`The chat shows ${[...shown.keys()].join()}`);
    if (version >= 2 && store.drafts.get('c').text !== 'half a thought') throw new Error('The draft is not there');
    if (version >= 4 && store.runs.get('a1')?.tokens.length !== 1) throw new Error('The times are not there');
    if (version >= 5 && store.crashes.count('abc') !== 1) throw new Error('The crashes are not there');
    const backups = store.backups.list().filter(({ reason }) => reason === 'migration');
    if (version < migrations.length && backups.length === 0) throw new Error('No backup was made before the migration');
    return fixtureMessages.filter(({ id, text }) => shown.get(id) !== text).length;
  });
}
