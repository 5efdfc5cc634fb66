/** The detailed profile, and a process that ends while the NPU works. Emulator. A process has only one profile. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Model, QnnLibraries } from '../index.d.ts';
import { addonPath } from './addon-path.ts';
import { addon, generate } from './addon.ts';
import { describeOnEmulator } from './emulator.ts';

const program = fileURLToPath(new URL('../../e2e/fixtures/tiny-llama-qnn-kv/model.pte', import.meta.url));
const folder = fileURLToPath(new URL('../../resources/qnn', import.meta.url));

describeOnEmulator('the detailed profile', () => {
  let model: Model;
  let libraries: QnnLibraries;

  beforeAll(async () => {
    libraries = addon.useQnn({ folder, profile: 'detailed' });
    model = await addon.Model.load({ programPath: program });
  });
  afterAll(async () => {
    await model.close();
  });

  test('reports the running release', () => {
    expect(libraries.buildId).toMatch(/^v2\.\d+\.\d+/);
    expect(libraries.coreApi).toMatch(/^2\.\d+\.\d+$/);
  });

  test('adds cycles, waits and the slowest operators to each step', async () => {
    await model.prefill(Int32Array.from([5, 6]));
    const [, step] = await generate(model, 2);
    const htp = step?.htp;
    expect(htp?.cycles).toBeGreaterThan(0);
    expect(htp?.vtcmAcquireUs).toBeGreaterThanOrEqual(0);
    expect(htp?.powerOnUs).toBeGreaterThanOrEqual(0);
    const cycles = htp?.slowestOperators.map((operator) => operator.cycles) ?? [];
    expect(cycles).toHaveLength(10);
    expect(cycles).toEqual(cycles.toSorted((one, other) => other - one));
    expect(cycles.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(htp?.cycles ?? 0);
    for (const { name } of htp?.slowestOperators ?? []) expect(name).toMatch(/^\w[^:()]*$/);
  });
});

describeOnEmulator('a process that exits while the NPU runs a step', () => {
  test('ends with its own exit status', () => {
    const script = `
      const addon = process.getBuiltinModule('module').createRequire('/')(${JSON.stringify(addonPath)});
      addon.useQnn({ folder: ${JSON.stringify(folder)} });
      addon.Model.load({ programPath: ${JSON.stringify(program)}, warmUp: false }).then(async (model) => {
        await model.prefill(Int32Array.from([5]));
        await model.next(new addon.Sampler());
        process.exit(3);
      });`;
    for (let run = 0; run < 3; run++) {
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
      expect({ status, signal, stdout, stderr }).toEqual({ status: 3, signal: null, stdout: '', stderr: '' });
    }
  });
});
