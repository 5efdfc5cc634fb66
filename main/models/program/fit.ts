/** Decides before a load whether a program can run on a machine. */
import { laptopLabel, type Machine } from './machine.ts';
import type { QnnTarget } from './target.ts';

export type Fit =
  | {
      readonly runs: true;
      /** This machine's chip, if the program was compiled for another one with the same architecture. Nobody has tried the pair. */
      readonly otherChip?: string;
    }
  | {
      readonly runs: false;
      /** Names the program's target and this machine, as the rest of a sentence about the file. */
      readonly reason: string;
      readonly hint: string;
    };

const runs: Fit = { runs: true };
const cpuHint = 'Use a model for the CPU (XNNPACK), or one compiled for this machine.';

/**
 * The emulator runs programs for any chip if they were compiled for the emulator. A device runs only programs for its own HTP
 * architecture. A program around Qualcomm's own context binary does not state whether it is for the emulator.
 */
export function fitOf(target: QnnTarget | undefined, machine: Machine): Fit {
  if (target === undefined) return runs;
  const made = `it was compiled for ${target.label}`;
  switch (machine.kind) {
    case 'cpu':
      return {
        runs: false,
        reason: machine.emulated
          ? `${made}, but this Wyvern is the build for Intel and AMD and cannot reach the NPU from here.`
          : `${made}; this machine has no Hexagon NPU${machine.processor ? ` (${machine.processor})` : ''}.`,
        hint: machine.emulated ? 'Install the Wyvern for Windows on Arm.' : cpuHint,
      };
    case 'emulator':
      if (target.runsOn !== 'device') return runs;
      return {
        runs: false,
        reason: `it is a device file: ${made}, with shared weights, which only the chip supports. This machine has Qualcomm’s HTP emulator.`,
        hint:
          target.origin === 'ai-hub'
            ? 'Open it on the device.'
            : 'Compile it with --target emulator to try it here, or open it on the device.',
      };
    case 'device': {
      const here = laptopLabel(machine.chip);
      const { soc } = machine.chip;
      const fromHub = target.origin === 'ai-hub';
      const compile = fromHub
        ? `Get the model for ${machine.chip.name} from Qualcomm’s AI Hub, or use a model for the CPU.`
        : soc === undefined
          ? cpuHint
          : `Export it again for this machine: python -m export llama --target ${soc} …`;
      // A model of AI Hub may not name its chip.
      if (target.htpArch !== machine.chip.htpArch && !(fromHub && target.htpArch === 0)) {
        const advice = soc === undefined || fromHub ? '' : `: compile with --soc ${soc}`;
        return { runs: false, reason: `${made}; this is ${here}${advice}.`, hint: compile };
      }
      if (target.runsOn !== 'emulator') {
        return target.chip?.soc === undefined || target.chip.soc === soc ? runs : { runs: true, otherChip: here };
      }
      return {
        runs: false,
        reason: `it is an emulator file: ${made}, but for Qualcomm’s HTP emulator. This is ${here}.`,
        hint: compile,
      };
    }
  }
}
