/** The machine a program would run on, as far as that decides whether it can. */
import { cpus } from 'node:os';
import { laptopChip, type LaptopChip } from './chips.ts';

export type Machine =
  /** A Windows laptop with a Snapdragon X. */
  | { readonly kind: 'device'; readonly chip: LaptopChip }
  /** Linux on x86_64, where Qualcomm's HTP emulator runs. */
  | { readonly kind: 'emulator' }
  /** Any other: programs of the CPU alone. */
  | { readonly kind: 'cpu'; readonly processor: string; readonly emulated: boolean };

export interface Hardware {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** As the system names it. */
  readonly processor: string;
}

/**
 * `WYVERN_CHIP` names another processor, to see the messages of such a machine; `WYVERN_ARCH` names the architecture that
 * the process there was built for (`arm64`).
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
  // An x64 process on a Snapdragon sees its name too, but reaches no NPU.
  return { kind: 'cpu', processor, emulated: chip !== undefined };
}

/** E.g. `Snapdragon X Elite (V73)`. */
export function laptopLabel({ name, htpArch }: LaptopChip): string {
  return `${name} (V${htpArch})`;
}
