/**
 * Counts the instructions of a token of the default model on arm64, in QEMU: our engine's against llama.cpp's on the same
 * GGUF. Both run in an emulated Node on one thread. A busy machine does not change the numbers.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { arm64AddonPath } from '../scripts/arm64/addon.mjs';
import { emulatedNode, emulation } from '../scripts/arm64/emulated-node.mjs';
import { instructionCounter } from '../scripts/arm64/tools.mjs';
import { Failure } from '../scripts/lib/failure.mjs';
import { setup } from '../scripts/setup.mjs';
import type { Figure } from './figure.ts';
import type { PeerRequest } from './peer.ts';
import { installLlamaCpp, peerScript, sourceGguf } from './peers/install.ts';

/** Every process loads the model and does the first request; the others differ by what is counted. */
const base: PeerRequest = { do: 'decode', tokens: 2 };
const counted = [
  { name: 'decode, a token', requests: [{ do: 'decode', tokens: 10 }], tokens: 8 },
  { name: 'prefill of 128, a token', requests: [base, { do: 'prefill', tokens: 128 }], tokens: 128 },
] as const satisfies readonly { name: string; requests: readonly PeerRequest[]; tokens: number }[];
const processors = ['i8mm', 'dotprod'] as const;
type Processor = (typeof processors)[number];

export async function* tokenInstructionFigures(paths: {
  readonly program: string;
  readonly data: readonly string[];
}): AsyncGenerator<Figure> {
  await setup({ arm64: true });
  const plugin = await instructionCounter();
  const llamaCpp = await installLlamaCpp('arm64');
  const ours = [peerScript('wyvern.ts'), '1', paths.program, ...paths.data];
  const theirs = [peerScript('llama-cpp.ts'), llamaCpp.module, sourceGguf(), '1', '256'];
  for (const processor of processors) {
    const count = async (args: readonly string[], requests: readonly PeerRequest[]): Promise<number> =>
      await instructions(plugin, processor, args, requests);
    const start = { ours: await count(ours, [base]), theirs: await count(theirs, [base]) };
    for (const { name, requests, tokens } of counted) {
      const a = ((await count(ours, requests)) - start.ours) / tokens;
      const b = ((await count(theirs, requests)) - start.theirs) / tokens;
      yield {
        name: `instructions, ${name}, ${processor}: ours / llama.cpp`,
        value: a / b,
        unit: '×',
        target: { atMost: 0.7 },
        detail: `${millions(a)} and ${millions(b)} million, one thread`,
      };
    }
  }
}

const millions = (count: number): string => (count / 1e6).toFixed(1);

/** The instructions of a whole peer process that answers these requests. */
async function instructions(
  plugin: string,
  processor: Processor,
  args: readonly string[],
  requests: readonly PeerRequest[],
): Promise<number> {
  const env = { ...process.env, ...emulation(processor), WYVERN_ADDON: arm64AddonPath, QEMU_PLUGIN: plugin };
  const child = spawn(emulatedNode, args, { env, stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const said = await text(child.stderr);
  const sum = /^instructions (\d+)$/m.exec(said)?.[1];
  if (sum === undefined) throw new Failure('QEMU did not count instructions.', { log: said.split('\n').slice(-20) });
  return Number(sum);
}
