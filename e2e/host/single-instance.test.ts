import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './single-instance.ts';
import type { OtherInstance } from './single-instance.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const self: OtherInstance = { argv: ['app', '--flag'], workingDirectory: '/here', additionalData: { n: 1 } };

/** Another process that takes the lock, prints whether it got it, and ends. */
async function another(): Promise<string> {
  const source = `
    import { takeLock } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'single-instance.ts')).href)};
    console.log(takeLock(process.argv[1], ${JSON.stringify(self)}, () => undefined));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return output.trim();
}

test('the first instance owns the folder; a second is refused, and the first gets an event', async () => {
  const told = Promise.withResolvers<OtherInstance>();
  expect(takeLock(folder, self, told.resolve)).toBe(true);
  expect(await another()).toBe('false');
  expect(await told.promise).toEqual(self);
});

test('takes the lock of an ended owner, even if its process id is in use again', async () => {
  expect(await another()).toBe('true');
  expect(takeLock(folder, self, () => undefined)).toBe(true);
  rmSync(join(folder, 'host-lock'));
  symlinkSync(`${process.pid}@another start`, join(folder, 'host-lock'));
  expect(takeLock(folder, self, () => undefined)).toBe(true);
  expect(readlinkSync(join(folder, 'host-lock'))).not.toContain('another');
});
