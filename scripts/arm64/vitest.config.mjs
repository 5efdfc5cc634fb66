/**
 * Vitest runs on this machine's own Node and each test file in an emulated Node for arm64, so that sources are
 * transformed at full speed. `WYVERN_ADDON` names the addon for arm64.
 */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { ForksPoolWorker } from 'vitest/node';
import { root } from '../lib/places.mjs';
import { emulatedNode } from './emulated-node.mjs';

class EmulatedWorker extends ForksPoolWorker {
  /** @override */
  name = 'emulated';

  /** @override */
  async start() {
    // Vitest forks by this path, at once and without an option for another.
    const own = process.execPath;
    process.execPath = emulatedNode;
    const started = super.start();
    process.execPath = own;
    await started;
  }
}

// What would take 60 s at most natively; emulated code is some twenty times slower, on a machine that does other things too.
const slow = 30 * 60_000;

export default defineConfig({
  root,
  test: {
    globalSetup: join(root, 'main', 'testing', 'temporary-folder.ts'),
    pool: { name: 'emulated', createPoolWorker: (options) => new EmulatedWorker(options) },
    include: ['native/**/*.test.ts', 'main/engine/**/*.test.ts', 'main/cli/**/*.test.ts'],
    testTimeout: slow,
    hookTimeout: slow,
    teardownTimeout: slow,
  },
});
