import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { forkDocumentsInNode } from '../testing/forked-documents.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { DocumentReader, type DocumentProcess } from './document-reader.ts';
import type { Outcome, Task } from './protocol.ts';
import { fixture } from './testing.ts';

/** QEMU passes neither Landlock nor seccomp on to the kernel. */
const isCaged = process.platform === 'linux' && process.env['WYVERN_EMULATED_NODE'] === undefined;

describe('the real process', () => {
  test('reads a document in its cage, and ends', async () => {
    const child = forkDocumentsInNode();
    const exited = Promise.withResolvers<number>();
    child.onExit(exited.resolve);
    let seccomp: string | undefined;
    const reader = new DocumentReader({
      clock: systemClock,
      fork: () => ({
        ...child,
        destroy: () => {
          if (isCaged) seccomp = /^Seccomp:\s+(\d)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
          child.destroy();
        },
      }),
    });
    const read = await reader.read({ name: 'tides.pdf', kind: 'pdf', bytes: fixture('tides.pdf') });
    expect(read.text).toContain('High water at Cuxhaven is at noon.');
    await exited.promise;
    // 2: a filter of system calls.
    if (isCaged) expect(seccomp).toBe('2');
  });
});

class ScriptedProcess implements DocumentProcess {
  readonly tasks: Task[] = [];
  answer: (outcome: Outcome) => void = () => undefined;
  exit: (code: number) => void = () => undefined;
  destroyed = false;

  post(task: Task): void {
    this.tasks.push(task);
  }

  onOutcome(listener: (outcome: Outcome) => void): void {
    this.answer = listener;
  }

  onExit(listener: (code: number) => void): void {
    this.exit = listener;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

describe('a process that fails', () => {
  const document = { name: 'a.pdf', kind: 'pdf', bytes: new Uint8Array(4) } as const;

  function start() {
    const clock = new ManualClock();
    const children: ScriptedProcess[] = [];
    const fork = (): ScriptedProcess => {
      const child = new ScriptedProcess();
      children.push(child);
      return child;
    };
    return { clock, children, reader: new DocumentReader({ clock, fork }) };
  }

  test.each([
    ['unreadable', 'document-unreadable'],
    ['protected', 'document-protected'],
    ['without-text', 'document-without-text'],
    ['too-large', 'document-too-large'],
  ] as const)('%s: the error names the document and the next step', async (fault, code) => {
    const { reader, children } = start();
    const reading = expect(reader.read(document)).rejects.toMatchObject({
      error: { code, message: expect.stringContaining('a.pdf') as unknown, hint: expect.any(String) as unknown },
    });
    await expect.poll(() => children.length).toBe(1);
    children[0]?.answer({ ok: false, fault });
    await reading;
    expect(children[0]?.destroyed).toBe(true);
  });

  test('that ends without an answer, as without memory', async () => {
    const { reader, children } = start();
    const reading = expect(reader.read(document)).rejects.toMatchObject({ error: { code: 'document-unreadable' } });
    await expect.poll(() => children.length).toBe(1);
    children[0]?.exit(134);
    await reading;
  });

  test('that hangs is stopped after a minute, and the next document is read', async () => {
    const { reader, children, clock } = start();
    const first = expect(reader.read(document)).rejects.toMatchObject({ error: { code: 'document-too-slow' } });
    const second = reader.read(document);
    await expect.poll(() => children.length).toBe(1);
    clock.pass(59_000);
    expect(children[0]?.destroyed).toBe(false);
    clock.pass(1000);
    await first;
    expect(children[0]?.destroyed).toBe(true);
    await expect.poll(() => children.length).toBe(2);
    children[1]?.answer({ ok: true, text: 'Noon.' });
    expect(await second).toEqual({ text: 'Noon.' });
  });
});
