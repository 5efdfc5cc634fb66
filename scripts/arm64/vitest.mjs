/** Starts Vitest so that its tests run in an emulated Node for arm64. */
import { at, node } from '../lib/places.mjs';
import { arm64AddonPath } from './addon.mjs';
import { emulation } from './emulated-node.mjs';

/** The tests of `npm test`: every kernel, exact texts of a small model, and the default model's choices. */
export const quickTests = [
  'native/test/kernels',
  'native/test/tiny-llama.test.ts',
  'native/test/default-model.test.ts',
  'native/test/sampler.test.ts',
];

/**
 * @param {string} report File for the JSON report.
 * @param {readonly string[]} filters Paths of tests; an empty list runs all.
 * @param {{ short?: boolean }} [options] `short`: long tests run some of their cases.
 * @returns {{ command: string, args: string[], env: Record<string, string> }}
 */
export function emulatedVitest(report, filters, { short = false } = {}) {
  return {
    command: node,
    args: [
      ...[at('node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', at('scripts', 'arm64', 'vitest.config.mjs')],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters],
    ],
    env: { ...emulation(), WYVERN_ADDON: arm64AddonPath, ...(short ? { WYVERN_SHORT_TESTS: '1' } : {}) },
  };
}
