import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './single-instance.ts';
import type { OtherInstance } from './single-instance.ts';

let folder: string;
const started = new Set<ChildProcess>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-lock-'));
});
afterEach(async () => {
  for (const child of started) await kill(child);
  started.clear();
});

const self: OtherInstance = { argv: ['app', '--flag'], workingDirectory: '/here', additionalData: { n: 1 } };

/** Another process that takes the lock, and holds it until it is killed. Prints whether it got it. */
async function another(): Promise<{ readonly took: string; readonly child: ChildProcess }> {
  const source = `
    import { takeLock } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'single-instance.ts')).href)};
    const took = takeLock(process.argv[1], ${JSON.stringify(self)}, () => undefined);
    console.log(took);
    if (took) setInterval(() => undefined, 60_000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.add(child);
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { took: chunk.toString().trim(), child };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

test('the first instance owns the folder; a second is refused, and the first gets an event', async () => {
  const heard = Promise.withResolvers<OtherInstance>();
  expect(takeLock(folder, self, heard.resolve)).toBe(true);
  expect((await another()).took).toBe('false');
  expect(await heard.promise).toEqual(self);
});

test('of instances that start at the same time, one gets the lock', async () => {
  const all = await Promise.all([another(), another(), another(), another()]);
  expect(all.map(({ took }) => took).sort()).toEqual(['false', 'false', 'false', 'true']);
});

test('a killed owner leaves no lock', async () => {
  const { took, child } = await another();
  expect(took).toBe('true');
  expect((await another()).took).toBe('false');
  await kill(child);
  expect((await another()).took).toBe('true');
});
