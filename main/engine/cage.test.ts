import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Cage } from '../../native/index.d.ts';
import { whyNoLandlock, whyNoSeccomp } from '../../native/test/cage/layers.ts';
import type { Addon } from './addon.ts';
import { enterCage } from './cage.ts';
import { defaultBundle, expected, fixtureBundle, fixtureFolder, greedy } from './testing/bundles.ts';
import { emulatorFolder } from './testing/qnn-stand-in.ts';
import type { BundlePaths, EngineEvent } from './protocol.ts';
import { forkEngineInNode } from '../testing/forked-engine.ts';

describe('which processes enter the cage', () => {
  const entered: unknown[] = [];
  const addon = { enterCage: (options: unknown) => entered.push(options) } as unknown as Addon;

  test('Linux unless it is off, Windows only if it is on', () => {
    for (const [system, asked, expectedCount] of [
      ['linux', undefined, 1],
      ['linux', 'off', 0],
      ['win32', undefined, 0],
      ['win32', 'on', 1],
    ] as const) {
      entered.length = 0;
      const environment = asked === undefined ? {} : { WYVERN_CAGE: asked };
      const cage = enterCage(addon, fixtureBundle, undefined, environment, system);
      expect([system, asked, entered.length]).toEqual([system, asked, expectedCount]);
      if (expectedCount > 0) continue;
      expect(cage).toMatchObject({ reads: false, writes: false, connections: false, processes: false });
      expect(cage.missing).toEqual([asked === 'off' ? 'WYVERN_CAGE is off.' : expect.stringContaining('smoke test')]);
    }
  });

  test('a model’s own files stay readable, its folder does not', () => {
    entered.length = 0;
    enterCage(addon, { ...defaultBundle, program: '/models/a/model.pte' }, { folder: '/qnn' }, {}, 'linux');
    const { readable } = entered[0] as { readable: string[] };
    expect(readable).toEqual(expect.arrayContaining(['/models/a/model.pte', ...defaultBundle.data, '/qnn']));
    expect(readable).not.toContain('/models/a');
  });
});

/** Loads a bundle in a process of its own and continues the prompt. */
async function answer(
  bundle: BundlePaths,
  { text, maxTokens, backends = [] }: { text: string; maxTokens: number; backends?: readonly string[] },
  environment: Record<string, string> = {},
) {
  const engine = forkEngineInNode({ environment });
  const exited = Promise.withResolvers<number>();
  engine.onExit(exited.resolve);
  const events: EngineEvent[] = [];
  const done = Promise.withResolvers<EngineEvent>();
  engine.onEvent((event) => {
    events.push(event);
    if (event.type === 'loaded') {
      const input = { prompt: { kind: 'text' as const, text }, sampling: greedy, maxTokens };
      engine.post({ type: 'generate', id: 'g', input });
    }
    if (event.type === 'done' || event.type === 'failed') done.resolve(event);
  });
  engine.post({ type: 'load', id: 'l', bundle, backends });
  const last = await done.promise;
  engine.post({ type: 'shutdown' });
  expect(await exited.promise).toBe(0);
  return { last, cage: events.find((event) => event.type === 'loaded')?.model.cage };
}

/** What the system's layers can close is closed; a system without one of them says so. */
function expectClosed(cage: Cage | undefined): void {
  expect(cage).toBeDefined();
  const missing = cage ?? { missing: [] };
  const hasSeccomp = whyNoSeccomp(missing) === undefined;
  const hasLandlock = whyNoLandlock(missing) === undefined;
  expect(cage).toMatchObject({ reads: hasLandlock, connections: hasSeccomp, processes: hasSeccomp });
  if (hasLandlock && hasSeccomp) expect(cage).toMatchObject({ writes: true, missing: [] });
}

/** QEMU passes neither Landlock nor seccomp on to the kernel. */
const isEmulated = process.env['WYVERN_EMULATED_NODE'] !== undefined;

describe.runIf(process.platform === 'linux' && !isEmulated)('the engine process', () => {
  const [one] = expected.filter(({ messages }) => messages === undefined);
  const { prompt = '', continuation = '', tokens = [] } = one ?? {};

  test('enters the cage before the load and answers as it does outside', async () => {
    const asked = { text: prompt, maxTokens: tokens.length };
    const inside = await answer(fixtureBundle, asked);
    expect(inside.last).toMatchObject({ type: 'done', text: continuation });
    expectClosed(inside.cage);
    const outside = await answer(fixtureBundle, asked, { WYVERN_CAGE: 'off' });
    expect(outside).toMatchObject({ last: { type: 'done', text: continuation } });
    expect(outside.cage).toMatchObject({ connections: false, missing: ['WYVERN_CAGE is off.'] });
  });

  test.runIf(existsSync(join(emulatorFolder, 'libQnnHtp.so')))('runs the HTP emulator in the cage', async () => {
    const folder = join(fixtureFolder, '../tiny-llama-qnn-kv');
    const bundle = { program: join(folder, 'model.pte'), data: [], tokenizer: join(folder, 'tokenizer.model') };
    const asked = { text: prompt, maxTokens: 2, backends: ['QnnBackend'] };
    const inside = await answer(bundle, asked);
    const outside = await answer(bundle, asked, { WYVERN_CAGE: 'off' });
    expect(inside.last).toMatchObject({ type: 'done', text: outside.last.type === 'done' && outside.last.text });
    expectClosed(inside.cage);
  });
});
