/** D1: a crash never loses a message that was shown as sent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Dice } from '../native/test/random.ts';
import { buildForNode } from './build.ts';
import type { TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder, using } from './sample-store.ts';

/** Number of stores that are written to and killed in parallel, repeatedly. */
const width = 2;
const killsPerStore = 10;
/** About the time that a writer needs to start and to write some hundred messages. */
const longestMs = 60;

export const killedWriter: TriedPromise = {
  id: 'D1',
  says: 'what was shown as sent is never lost to a crash',
  cases: 200,
  async attempt({ cases, ...trial }) {
    const outcome = await inFolder(async (built) => {
      const writer = writerOf(await buildForNode('main/store/store.ts', 'store', built));
      return await tryCases(
        { ...trial, cases: Math.ceil(cases / killsPerStore) },
        (random) => inFolder((folder) => killAgainAndAgain(join(folder, 'wyvern.sqlite'), writer, random)),
        width,
      );
    });
    const { cases: stores, survived } = outcome;
    return {
      ...outcome,
      cases: Math.min(cases, stores * killsPerStore),
      survived: Math.min(cases, survived * killsPerStore),
    };
  },
};

const writerOf = (store: string): string => `
  import { openStore } from ${JSON.stringify(pathToFileURL(store).href)};
  const [, path, start] = process.argv;
  const store = openStore(path);
  if (!store.conversations.get('c')) store.conversations.create('c', 1);
  process.stdout.write('\\n');
  for (let n = Number(start); ; n++) {
    const text = 'x'.repeat((n * 997) % 5000);
    store.transaction(() => {
      store.tree.append('c', { id: 'u' + n, role: 'user', text, state: 'complete', createdAt: n });
      store.tree.append('c', { id: 'a' + n, role: 'assistant', text: '', state: 'streaming', createdAt: n });
    });
    process.stdout.write('u' + n + '\\n');
    store.messages.saveText('a' + n, text);
    store.messages.finish('a' + n, { text, state: 'complete' });
    process.stdout.write('a' + n + '\\n');
  }
`;

/** @returns The number of missing acknowledged messages. */
async function killAgainAndAgain(path: string, writer: string, random: Dice): Promise<number> {
  const acknowledged: string[] = [];
  for (let kill = 0; kill < killsPerStore; kill++) {
    const args = ['--input-type=module', '-e', writer, path, String(kill * 100_000)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const delay = random.below(longestMs);
    let opened = false;
    for await (const line of createInterface({ input: child.stdout })) {
      // Start after it opened the store: an earlier kill would test nothing.
      if (!opened) setTimeout(() => child.kill('SIGKILL'), delay);
      opened = true;
      if (line !== '') acknowledged.push(line);
    }
    await exited;
    if (child.signalCode !== 'SIGKILL') throw new Error(`The writer ended by itself (${child.exitCode})`);
  }
  const database = new DatabaseSync(path);
  const integrity = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
  database.close();
  if (integrity !== 'ok') throw new Error(`integrity_check: ${String(integrity)}`);
  return using(path, (store) => {
    if (store.salvaged()) throw new Error('A kill was taken for damage');
    const stored = new Map(store.tree.path('c').map((message) => [message.id, message]));
    if ([...stored.values()].some(({ state }) => state === 'streaming'))
      throw new Error('An answer is still streaming');
    return acknowledged.filter((id) => stored.get(id)?.state !== 'complete').length;
  });
}
