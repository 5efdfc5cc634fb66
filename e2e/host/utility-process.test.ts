import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { children } from './app.ts';
import { utilityProcess } from './utility-process.ts';

let folder: string;
let echo: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-utility-'));
  echo = join(folder, 'echo.mjs');
  // Listens only after a turn of its event loop, like a module that first loads another.
  writeFileSync(
    echo,
    `await new Promise((resolve) => setImmediate(resolve));
     process.parentPort.on('message', ({ data, ports }) => {
       if (data === 'leave') process.exit(7);
       process.parentPort.postMessage({ data, ports, type: process.type, argument: process.argv[2] });
     });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('messages cross by structured clone, in order, none lost before the child listens', async () => {
  const child = utilityProcess.fork(echo, ['argument'], { serviceName: 'echo' });
  const values = [new Map([[1n, new Float32Array([1, 2])]]), { nothing: undefined, date: new Date(0) }, 'leave'];
  const heard: unknown[] = [];
  child.on('message', (message) => heard.push(message));
  for (const value of values) child.postMessage(value);
  expect([...children].map(({ name }) => name)).toEqual(['echo']);
  expect(await once(child, 'exit')).toEqual([7]);
  expect(heard).toEqual(values.slice(0, 2).map((data) => ({ data, ports: [], type: 'utility', argument: 'argument' })));
  expect([...children]).toEqual([]);
  expect(child.pid).toBeUndefined();
  expect(() => child.postMessage('to nobody')).not.toThrow();
});

test('a killed process exits', async () => {
  const child = utilityProcess.fork(echo);
  await once(child, 'spawn');
  expect(child.kill()).toBe(true);
  expect(await once(child, 'exit')).toEqual([15]);
});

test('the child’s first module is named by a URL, since Node refuses a Windows path there', async () => {
  const reply = join(folder, 'flags.mjs');
  writeFileSync(reply, `process.parentPort.postMessage(process.execArgv);`);
  const child = utilityProcess.fork(reply);
  const [flags] = (await once(child, 'message')) as [readonly string[]];
  expect(flags[flags.indexOf('--import') + 1]).toMatch(/^file:\/\/\/.+\/utility\.ts$/);
  child.kill();
});

test('a message to a process that is being killed is lost without an error', async () => {
  const child = utilityProcess.fork(echo);
  await once(child, 'spawn');
  const errors: unknown[] = [];
  child.on('error', (type) => errors.push(type));
  const exited = once(child, 'exit');
  process.kill(child.pid!, 'SIGKILL');
  while (child.pid !== undefined) {
    child.postMessage(new Uint8Array(1000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Windows has no signals: a process that another one ended has status 1.
  expect(await exited).toEqual([process.platform === 'win32' ? 1 : 9]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([]);
});
