/**
 * Runs `logits.mjs` on a processor of choice: `node processor.mjs INSTRUCTION_SET FOLDER`. On x86-64, the
 * instruction sets of arm64 run in QEMU, with the addon for arm64. Fails if the processor lacks the instruction set: the addon would silently take
 * another one.
 */
import { dirname, join, resolve } from 'node:path';
import { arm64AddonPath } from '../../scripts/arm64/addon.mjs';
import { emulatedNode, emulation } from '../../scripts/arm64/emulated-node.mjs';
import { Failure, runMain } from '../../scripts/lib/failure.mjs';
import { addonPath, at, node } from '../../scripts/lib/places.mjs';
import { run, runInForeground } from '../../scripts/lib/run.mjs';
import { setup } from '../../scripts/setup.mjs';

/** @param {string} set */
async function machineFor(set) {
  const emulated = set === 'dotprod' || set === 'i8mm';
  if (!emulated || process.arch === 'arm64') return { program: node, addon: addonPath, env: {} };
  await setup({ arm64: true });
  return { program: emulatedNode, addon: arm64AddonPath, env: emulation(set) };
}

await runMain(async () => {
  const [set = '', folder = '.'] = process.argv.slice(2);
  const { program, addon, env } = await machineFor(set);
  const listing = 'require(process.argv[1]).instructionSets().join()';
  const kernels = join(dirname(addon), 'kernel_test.node');
  const sets = (await run(program, ['-p', listing, kernels], { what: 'Asking the addon', env })).trim().split(',');
  if (!sets.includes(set)) {
    throw new Failure(`This processor does not have the instruction set ${set}. It has: ${sets.join(', ')}.`);
  }
  const script = at('export', 'default_model', 'logits.mjs');
  return await runInForeground(program, [script, resolve(folder)], {
    env: { ...env, WYVERN_ADDON: addon, WYVERN_INSTRUCTION_SET: set },
  });
});
