/**
 * Counts the instructions of single calls of the host's hot code, in QEMU, on x86-64 with AVX2 and on arm64 with NEON.
 * A busy machine does not change the numbers, so you can compare commits.
 */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { arm64AddonPath } from '../scripts/arm64/addon.mjs';
import { emulation } from '../scripts/arm64/emulated-node.mjs';
import { instructionCounter, qemu } from '../scripts/arm64/tools.mjs';
import { addonPath, root } from '../scripts/lib/places.mjs';
import { Failure } from '../scripts/lib/failure.mjs';
import { setup } from '../scripts/setup.mjs';
import type { Figure } from './figure.ts';

const program = (addon: string): string => join(dirname(addon), 'instruction_cases');

/** The program's start varies by some thousands of instructions. With more calls, this variation counts less. */
const rounds = { few: 3, many: 301 };
const cheap = 1_000_000;

/** A processor that QEMU emulates, and the instruction set that the addon is to choose on it. */
interface Machine {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

const x86: Machine = {
  name: 'AVX2',
  command: ['qemu-x86_64', '-cpu', 'max'],
  environment: {
    WYVERN_INSTRUCTION_SET: 'avx2',
    // Makes the C library copy and fill with vectors: QEMU would count a repeated string instruction once per byte.
    GLIBC_TUNABLES: 'glibc.cpu.x86_rep_movsb_threshold=1000000000:glibc.cpu.x86_rep_stosb_threshold=1000000000',
  },
};
const arm64 = (set: 'i8mm' | 'dotprod'): Machine => ({
  name: set,
  command: [qemu],
  environment: { ...emulation(set), WYVERN_INSTRUCTION_SET: set },
});
/** Linear layers have kernels of their own for the older processor. */
const older = arm64('dotprod');
const snapdragon = arm64('i8mm');

async function run(
  { command, environment }: Machine,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const [emulator, ...options] = command;
  return await promisify(execFile)(emulator, [...options, ...args], { env: { ...process.env, ...environment } });
}

async function count(machine: Machine, plugin: string, file: string, name: string, times: number): Promise<number> {
  const { stderr } = await run(machine, ['-plugin', plugin, file, name, String(times), root]);
  const sum = /^instructions (\d+)$/m.exec(stderr)?.[1];
  if (sum === undefined) throw new Failure(`QEMU did not count the instructions of ${name}.`);
  return Number(sum);
}

/** Instructions of one call. */
async function ofOneCall(machine: Machine, plugin: string, name: string): Promise<number> {
  const file = program(machine === x86 ? addonPath : arm64AddonPath);
  const once = await count(machine, plugin, file, name, 1);
  const few = ((await count(machine, plugin, file, name, rounds.few)) - once) / (rounds.few - 1);
  if (few > cheap) return few;
  return ((await count(machine, plugin, file, name, rounds.many)) - once) / (rounds.many - 1);
}

export async function* instructionFigures(): AsyncGenerator<Figure> {
  await setup({ arm64: true });
  const plugin = await instructionCounter();
  const { stdout } = await run(x86, [program(addonPath), '--list']);
  for (const line of stdout.trim().split('\n')) {
    const [name = '', vectorBytes = ''] = line.split(' ');
    const other = await ofOneCall(x86, plugin, name);
    // NEON's vectors have 16 bytes, so the same work takes this many times the instructions.
    const width = Number(vectorBytes) / 16;
    for (const machine of name.startsWith('linear-') ? [snapdragon, older] : [snapdragon]) {
      const neon = await ofOneCall(machine, plugin, name);
      yield {
        name: `instructions, ${name}: ${machine.name} / x86-64, by vector width`,
        value: neon / (other * width),
        unit: '×',
        target: { atMost: 1.3 },
        detail: `${neon.toFixed(0)} on arm64, ${other.toFixed(0)} on x86-64 with vectors of ${vectorBytes} bytes`,
      };
    }
  }
}
