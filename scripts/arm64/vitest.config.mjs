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
    // Vitest forks by this path as soon as it loads, and has no option for another path.
    const own = process.execPath;
    process.execPath = emulatedNode;
    const started = super.start();
    process.execPath = own;
    await started;
  }
}

// Native tests take at most 60 s. Emulated code is some twenty times slower, and the machine may be busy.
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
