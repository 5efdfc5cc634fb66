/** An operator that tries to leave the process, without the cage and in each of its layers. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { testUnless } from '../../../main/testing/test-unless.ts';
import type { Cage, CageOptions } from '../../index.d.ts';
import { runInCage, whyNoLandlock, whyNoSeccomp } from './layers.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-cage-'));
const program = join(folder, 'model.pte');
const outside = join(folder, 'outside');
const secret = join(outside, 'secret.txt');
const made = join(outside, 'made.txt');
const victim = join(outside, 'victim.txt');
const changed = join(outside, 'changed.txt');

/** The tiny llama that calls the canary where it would update its cache. The names have one length. */
function programWithCanary(): Buffer {
  const bytes = readFileSync(new URL('../../../e2e/fixtures/tiny-llama/model.pte', import.meta.url));
  const at = bytes.indexOf('llama::update_cache');
  expect(at).toBeGreaterThan(0);
  bytes.write('canary::try_to_exit', at);
  expect(bytes.indexOf('llama::update_cache')).toBe(-1);
  return bytes;
}

mkdirSync(outside);
writeFileSync(program, programWithCanary());
afterAll(() => rmSync(folder, { recursive: true }));

interface Attempt {
  readonly cage?: Cage;
  readonly tokens: readonly number[];
  /** Node has an io_uring. */
  readonly hasRing: boolean;
  /** What the canary tried, and `ok` or the error's name. */
  readonly tried: Readonly<Record<string, string>>;
}

function attempt(options: CageOptions | 'none', run: Parameters<typeof runInCage>[2] = {}): Attempt {
  rmSync(made, { force: true });
  for (const file of [secret, victim, changed]) writeFileSync(file, 'private');
  const paths = { CANARY_READ: secret, CANARY_LIST: outside, CANARY_WRITE: made, CANARY_REMOVE: victim };
  const { stdout, stderr, status } = runInCage(options, program, { ...run, env: { ...paths, CANARY_CHANGE: changed } });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const line = /^canary:(.*)$/m.exec(stderr)?.[1] ?? '';
  const tried: Record<string, string> = {};
  for (const [, name = '', result = ''] of line.matchAll(/(\w+)=(\w+)/g)) tried[name] = result;
  return { ...(JSON.parse(stdout) as Pick<Attempt, 'cage' | 'tokens' | 'hasRing'>), tried };
}

const files = ['read', 'list', 'write', 'remove', 'thread'];
const calls = ['cut', 'mode', 'inet', 'unix', 'ring', 'spawn', 'fork', 'exec', 'signal', 'memory'];
const of = (names: readonly string[], tried: Attempt['tried']): readonly (string | undefined)[] =>
  names.map((name) => tried[name]);

/** QEMU passes neither Landlock nor seccomp on to the kernel. */
const isEmulated = process.env['WYVERN_EMULATED_NODE'] !== undefined;

describe.runIf(process.platform === 'linux' && !isEmulated)('the engine’s cage', () => {
  const free = attempt('none', { execArgv: [], preload: false });
  const whole = attempt({});
  const noLandlock = whole.cage && whyNoLandlock(whole.cage);
  const noSeccomp = whole.cage && whyNoSeccomp(whole.cage);

  test('is needed: outside, the canary reads, writes, deletes and starts programs', () => {
    expect(free.cage).toBeUndefined();
    const names = [...files, 'cut', 'mode', 'spawn', 'fork'];
    expect(of(names, free.tried)).toEqual(names.map(() => 'ok'));
  });

  // A container or a setting may close these for every process; then the cage shows nothing here.
  for (const [name, result] of [
    ['inet', 'ok'],
    ['unix', 'ok'],
    ['signal', 'ok'],
    ['memory', 'ok'],
    // The system looked into the file before it refused it as a program.
    ['exec', 'ENOEXEC'],
  ] as const) {
    const closed = /^(EPERM|EACCES|ENOSYS|EAFNOSUPPORT)$/.test(free.tried[name] ?? '');
    testUnless(closed ? `this system closes “${name}” itself` : undefined, `is needed for “${name}”`, () => {
      expect(free.tried[name]).toBe(result);
    });
  }

  testUnless(
    noLandlock ?? noSeccomp,
    'stops every attempt, on a new thread too, and the model computes as before',
    () => {
      const { cage, tokens, tried } = attempt({});
      expect(cage).toEqual({ reads: true, writes: true, connections: true, processes: true, missing: [] });
      expect(of(files, tried)).toEqual(files.map(() => 'EACCES'));
      expect(of(calls, tried)).toEqual(calls.map(() => 'EPERM'));
      expect(tokens).toEqual(free.tokens);
      expect([existsSync(made), existsSync(victim), readFileSync(changed, 'utf8')]).toEqual([false, true, 'private']);
    },
  );

  testUnless(noLandlock, 'its layer for files holds alone', () => {
    const { cage, tried } = attempt({ seccomp: false });
    expect(cage).toMatchObject({ reads: true, connections: false, processes: false });
    expect(of([...files, 'spawn'], tried)).toEqual([...files, 'spawn'].map(() => 'EACCES'));
    // Landlock restricts the length of files from its version 3 on; before, the cage does not claim it.
    expect([cage?.writes, tried['cut']]).toEqual(cage?.writes ? [true, 'EACCES'] : [false, 'ok']);
    expect([existsSync(made), existsSync(victim)]).toEqual([false, true]);
  });

  testUnless(noSeccomp, 'its layer for system calls holds alone, and then forbids writing too', () => {
    const { cage, tried } = attempt({ landlock: false });
    expect(cage).toMatchObject({ reads: false, writes: true, connections: true, processes: true });
    expect(of(['write', 'remove', ...calls], tried)).toEqual(['write', 'remove', ...calls].map(() => 'EPERM'));
    expect(tried['read']).toBe('ok');
    expect([existsSync(made), existsSync(victim)]).toEqual([false, true]);
  });

  test('claims nothing that a missing layer would close, and names the layer', () => {
    const { cage, tried } = attempt({ landlock: false, seccomp: false });
    expect(cage).toMatchObject({ reads: false, writes: false, connections: false, processes: false });
    expect(cage?.missing.map((reason) => reason.split(':')[0])).toEqual(['Landlock', 'seccomp']);
    expect(tried['read']).toBe('ok');
    if (noLandlock !== undefined) expect(whole.cage).toMatchObject({ reads: false });
    if (noSeccomp !== undefined) expect(whole.cage).toMatchObject({ connections: false, processes: false });
  });

  testUnless(noLandlock, 'names a thread that takes no signals, and claims nothing for files', () => {
    const { cage } = attempt({}, { execArgv: [] });
    expect(cage?.reads).toBe(false);
    expect(cage?.missing.join()).toContain('SignalInspector');
  });

  const ringed = attempt({}, { preload: false });
  const noRing = ringed.hasRing ? undefined : 'this system gives Node no io_uring';
  testUnless(noSeccomp ?? noRing, 'claims nothing for connections in a process with an io_uring', () => {
    expect(ringed.cage).toMatchObject({ connections: false, processes: false });
    expect(ringed.cage?.missing.join()).toContain('io_uring');
  });
});
