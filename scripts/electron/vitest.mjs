/** Starts Vitest so that the checks of Electron's API run in a real Electron, on a virtual display. */
import { at, node } from '../lib/places.mjs';
import { display, electron22, electron22Version } from './electron-22.mjs';

/**
 * @param {string} report File for the JSON report.
 * @param {readonly string[]} filters Paths of tests; an empty list runs all.
 * @param {{ executable: string, version: string }} [electron]
 * @returns {{ command: string, args: string[], env: Record<string, string> }}
 */
export function electronVitest(
  report,
  filters,
  { executable, version } = { executable: electron22, version: electron22Version },
) {
  const vitest = [at('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'conformance'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return {
    command: display,
    args: ['-a', '-s', '-screen 0 1280x1024x24', node, ...vitest, ...reporters, ...filters],
    env: { WYVERN_CONFORMANCE: executable, WYVERN_CONFORMANCE_VERSION: version },
  };
}
