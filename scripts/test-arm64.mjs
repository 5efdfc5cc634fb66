/**
 * `npm run test:arm64`: the addon for Linux on arm64, cross-built, under QEMU with the processor features of Snapdragon X:
 * kernels, native tests, engine, tokenizers, the command line's exact texts, an answer of the default model. Part of it runs
 * in `npm test`. Linux on x86-64 only; on arm64 itself `npm test` runs all of it natively.
 *
 *   npm run test:arm64 [-- PATH…]
 *
 * Paths of tests choose some. Sets up the cross compiler, QEMU, Node for arm64 and the addon. Ends with the sum.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { emulatedVitest } from './arm64/vitest.mjs';
import { describeProcessor } from './arm64/emulated-node.mjs';
import { closingLine, skipLines, sumCounts, vitestCounts, vitestSkips } from './lib/counts.mjs';
import { runMain } from './lib/failure.mjs';
import { at } from './lib/places.mjs';
import { endChildrenOnExit, runInForeground } from './lib/run.mjs';
import { setup } from './setup.mjs';

const report = at('build', 'arm64', 'vitest.json');

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
  await setup({ arm64: true });
  console.log(await describeProcessor());
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const { command, args, env } = emulatedVitest(report, process.argv.slice(2));
  const status = await runInForeground(command, args, { env });

  const json = readReport();
  const counts = json === undefined ? undefined : vitestCounts(json);
  const sum = sumCounts([{ name: 'vitest', status, counts }]);
  for (const remark of sum.remarks) console.log(remark);
  for (const line of skipLines(json === undefined ? [] : [vitestSkips(json)])) console.log(line);
  console.log(closingLine(sum));
  return sum.failed === 0 ? 0 : 1;
});
