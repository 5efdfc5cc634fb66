/** An operator that tries to leave the process, without the cage and in each of its layers. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { besideAddon } from '../addon-path.ts';
import type { Cage, CageOptions } from '../../index.d.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-cage-'));
const program = join(folder, 'model.pte');
const outside = join(folder, 'outside');
const secret = join(outside, 'secret.txt');
const made = join(outside, 'made.txt');
const victim = join(outside, 'victim.txt');
const worker = fileURLToPath(new URL('worker.ts', import.meta.url));

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
  /** What the canary tried, and `ok` or the error's name. */
  readonly tried: Readonly<Record<string, string>>;
}

function attempt(options: CageOptions | 'none', execArgv = ['--disable-sigusr1'], preload = true): Attempt {
  rmSync(made, { force: true });
  writeFileSync(secret, 'private');
  writeFileSync(victim, 'private');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...execArgv, worker, options === 'none' ? options : JSON.stringify(options), program],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...{ CANARY_READ: secret, CANARY_LIST: outside, CANARY_WRITE: made, CANARY_REMOVE: victim },
        ...(preload ? { LD_PRELOAD: preloaded() } : {}),
      },
    },
  );
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const line = /^canary:(.*)$/m.exec(stderr)?.[1] ?? '';
  const tried: Record<string, string> = {};
  for (const [, name = '', result = ''] of line.matchAll(/(\w+)=(\w+)/g)) tried[name] = result;
  return { ...(JSON.parse(stdout) as Pick<Attempt, 'cage' | 'tokens'>), tried };
}

/** A sanitizer's runtime, if there is one, stays the first. */
function preloaded(): string {
  return [process.env['LD_PRELOAD'], besideAddon('without_rings.so')].filter(Boolean).join(':');
}

const files = ['read', 'list', 'write', 'remove', 'thread'];
const calls = ['inet', 'unix', 'ring', 'spawn', 'fork', 'exec', 'signal', 'memory'];
const of = (names: readonly string[], tried: Attempt['tried']): readonly (string | undefined)[] =>
  names.map((name) => tried[name]);

/** QEMU passes neither Landlock nor seccomp on to the kernel. */
const isEmulated = process.env['WYVERN_EMULATED_NODE'] !== undefined;

describe.runIf(process.platform === 'linux' && !isEmulated)('the engine’s cage', () => {
  const free = attempt('none', [], false);
  const whole = attempt({});
  /** An older kernel, or one that was built without it. The engine then says so. */
  const hasLandlock = whole.cage?.missing.some((reason) => reason.includes('has no Landlock')) === false;

  test('is needed: outside, the canary reads, writes, deletes, connects and starts programs', () => {
    expect(free.cage).toBeUndefined();
    expect(of([...files, 'inet', 'unix', 'spawn', 'fork', 'signal', 'memory'], free.tried)).toEqual(
      Array<string>(11).fill('ok'),
    );
    // The system looked into the file before it refused it as a program.
    expect(free.tried['exec']).toBe('ENOEXEC');
  });

  test.runIf(hasLandlock)('stops every attempt, on a new thread too, and the model computes as before', () => {
    const { cage, tokens, tried } = attempt({});
    expect(cage).toEqual({ reads: true, writes: true, connections: true, processes: true, missing: [] });
    expect(of(files, tried)).toEqual(files.map(() => 'EACCES'));
    expect(of(calls, tried)).toEqual(calls.map(() => 'EPERM'));
    expect(tokens).toEqual(free.tokens);
    expect([existsSync(made), existsSync(victim)]).toEqual([false, true]);
  });

  test.runIf(hasLandlock)('its layer for files holds alone', () => {
    const { cage, tried } = attempt({ seccomp: false });
    expect(cage).toMatchObject({ reads: true, writes: true, connections: false, processes: false });
    expect(of([...files, 'spawn'], tried)).toEqual([...files, 'spawn'].map(() => 'EACCES'));
    expect([existsSync(made), existsSync(victim)]).toEqual([false, true]);
  });

  test('its layer for system calls holds alone, and then forbids writing too', () => {
    const { cage, tried } = attempt({ landlock: false });
    expect(cage).toMatchObject({ reads: false, writes: true, connections: true, processes: true });
    expect(of(['write', 'remove', ...calls], tried)).toEqual(['write', 'remove', ...calls].map(() => 'EPERM'));
    expect(tried['read']).toBe('ok');
    expect([existsSync(made), existsSync(victim)]).toEqual([false, true]);
  });

  test.runIf(hasLandlock)('names a thread that takes no signals, and claims nothing for files', () => {
    const { cage } = attempt({}, []);
    expect(cage?.reads).toBe(false);
    expect(cage?.missing.join()).toContain('SignalInspector');
  });

  test('claims nothing for connections in a process with an io_uring', () => {
    const { cage } = attempt({}, ['--disable-sigusr1'], false);
    expect(cage).toMatchObject({ connections: false, processes: false });
    expect(cage?.missing.join()).toContain('io_uring');
  });
});
