/** The facts of this machine that decide whether a program can run. */
import { cpus } from 'node:os';
import { laptopChip, type LaptopChip } from './chips.ts';

export type Machine =
  /** A Windows laptop with a Snapdragon X. */
  | { readonly kind: 'device'; readonly chip: LaptopChip }
  /** Linux on x86_64, where Qualcomm's HTP emulator runs. */
  | { readonly kind: 'emulator' }
  /** Any other machine. It runs only programs for the CPU. */
  | { readonly kind: 'cpu'; readonly processor: string; readonly emulated: boolean };

export interface Hardware {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** The system's name for it. */
  readonly processor: string;
}

/**
 * `WYVERN_CHIP` names another processor, for which Wyvern then shows its messages. `WYVERN_ARCH` names the architecture of the
 * process on that machine (`arm64`).
 */
export function thisHardware(environment: NodeJS.ProcessEnv = process.env): Hardware {
  const { platform, arch } = process;
  const pretended = environment['WYVERN_CHIP'];
  return pretended
    ? { platform: 'win32', arch: environment['WYVERN_ARCH'] ?? 'arm64', processor: pretended }
    : { platform, arch, processor: cpus()[0]?.model ?? '' };
}

export function machineOf({ platform, arch, processor }: Hardware): Machine {
  const chip = laptopChip(processor);
  if (chip !== undefined && arch === 'arm64') return { kind: 'device', chip };
  if (platform === 'linux' && arch === 'x64') return { kind: 'emulator' };
  // An x64 process on a Snapdragon sees the chip's name but cannot use the NPU.
  return { kind: 'cpu', processor, emulated: chip !== undefined };
}

/** E.g. `Snapdragon X Elite (V73)`. */
export function laptopLabel({ name, htpArch }: LaptopChip): string {
  return `${name} (V${htpArch})`;
}
