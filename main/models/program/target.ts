/** What a program was compiled for, read from the program itself. */
import { chipByNumber, chipLabel, type Chip } from './chips.ts';
import type { Method, ProgramFacts } from './program.ts';
import type { QnnBackendKind } from './qnn-options.ts';

export interface QnnTarget {
  readonly backend: QnnBackendKind;
  /** Number of the chip in upstream's list. */
  readonly soc: number;
  /** Absent for a chip that this list does not have. */
  readonly chip?: Chip;
  readonly htpArch: number;
  /** E.g. `Snapdragon 8 Elite (V79)`. */
  readonly label: string;
  /**
   * Upstream shares weights and memory in every file for a device and in none for the emulator, which knows neither; a
   * file from Qualcomm's own tools tells nothing.
   */
  readonly runsOn: 'device' | 'emulator' | 'unknown';
  /** Names of the compiled graphs: a method's for upstream's files. */
  readonly graphs: readonly string[];
  /** Parts of the model, each a context of its own on the accelerator. */
  readonly shards: number;
  /** Of all context binaries, shared ones counted once. */
  readonly contextBytes: number;
  readonly fromContextBinary: boolean;
}

/** Of its QNN delegates; undefined for a program without. */
export function qnnTarget({ methods }: Pick<ProgramFacts, 'methods'>): QnnTarget | undefined {
  const compiled = methods.filter(({ delegates }) => delegates.some(({ qnn }) => qnn !== undefined));
  const all = compiled.flatMap(({ delegates }) => delegates.filter(({ qnn }) => qnn !== undefined));
  const options = all[0]?.qnn;
  if (options === undefined) return undefined;
  const chip = chipByNumber(options.soc);
  const shared = all.some(({ qnn }) => qnn?.weightSharing === true);
  const shards = Math.max(...compiled.map(qnnParts));
  return {
    backend: options.backend,
    soc: options.soc,
    ...(chip === undefined ? {} : { chip }),
    htpArch: options.htpArch,
    label: chipLabel(chip ?? { soc: `chip ${options.soc}`, htpArch: options.htpArch }),
    runsOn: options.fromContextBinary ? 'unknown' : shared || options.sharedBuffer ? 'device' : 'emulator',
    graphs: compiled.map(({ name }) => name),
    shards,
    // With shared weights every method's part carries the same binary.
    contextBytes: (shared ? (compiled[0]?.delegates ?? []) : all).reduce((sum, { bytes }) => sum + bytes, 0),
    fromContextBinary: options.fromContextBinary,
  };
}

function qnnParts({ delegates }: Method): number {
  return delegates.filter(({ qnn }) => qnn !== undefined).length;
}
