/**
 * `npm run test:electron`: the checks of Electron's API that the Chromium host passes, in a real Electron on a virtual
 * display. Set-up brings Electron 22.3.25, which is older than Wyvern's own: checks of younger APIs are skipped, with the
 * version that they need. It is part of `npm test`.
 *
 *   npm run test:electron [-- [--installed] PATH…]
 *
 * `--installed` takes the binary of the npm package electron (`npm run setup -- --electron`), which skips nothing. Paths of
 * tests choose some. Ends with the sum.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { electronVitest } from './electron/vitest.mjs';
import { closingLine, skipLines, sumCounts, vitestCounts, vitestSkips } from './lib/counts.mjs';
import { Failure, runMain } from './lib/failure.mjs';
import { at } from './lib/places.mjs';
import { endChildrenOnExit, runInForeground } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { electronExecutable } from './setup/electron.mjs';

const report = at('build', 'test', 'electron.json');

/** The binary of the npm package. @throws {Failure} */
function installedElectron() {
  const executable = electronExecutable();
  if (executable === undefined) {
    throw new Failure("Electron's binary is not installed here.", { hint: 'npm run setup -- --electron' });
  }
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(at('node_modules', 'electron', 'package.json'), 'utf8'));
  return { executable, version };
}

/** @returns {string | undefined} The report, where one was written. */
function readReport() {
  try {
    return readFileSync(report, 'utf8');
  } catch {
    return undefined;
  }
}

await runMain(async () => {
  endChildrenOnExit();
  const args = process.argv.slice(2);
  const installed = args.includes('--installed');
  await setup({ app: true, electron22: true });
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const filters = args.filter((argument) => argument !== '--installed');
  const { command, args: all, env } = electronVitest(report, filters, installed ? installedElectron() : undefined);
  const status = await runInForeground(command, all, { env });

  const json = readReport();
  const sum = sumCounts([{ name: 'vitest', status, counts: json === undefined ? undefined : vitestCounts(json) }]);
  for (const remark of sum.remarks) console.log(remark);
  for (const line of skipLines(json === undefined ? [] : [vitestSkips(json)])) console.log(line);
  console.log(closingLine(sum));
  return sum.failed === 0 ? 0 : 1;
});
