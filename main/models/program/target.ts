/** Reads a program's target from the program itself. */
import { chipByNumber, chipLabel, type Chip } from './chips.ts';
import type { Method, ProgramFacts } from './program.ts';
import type { QnnBackendKind } from './qnn-options.ts';

export interface QnnTarget {
  readonly backend: QnnBackendKind;
  /** Number of the chip in upstream's list. */
  readonly soc: number;
  /** Absent for a chip that is not in the list. */
  readonly chip?: Chip;
  readonly htpArch: number;
  /** E.g. `Snapdragon 8 Elite (V79)`. */
  readonly label: string;
  /**
   * Upstream shares weights and memory in every program for a device and in none for the emulator, which supports neither. For
   * a program from Qualcomm's own tools the value is unknown.
   */
  readonly runsOn: 'device' | 'emulator' | 'unknown';
  /** Names of the compiled graphs. In upstream's programs they are the methods' names. */
  readonly graphs: readonly string[];
  /** Parts of the model. Each has its own context on the accelerator. */
  readonly shards: number;
  /** Size of all context binaries, with shared ones counted once. */
  readonly contextBytes: number;
  readonly fromContextBinary: boolean;
  /** Release of QNN that compiled it, e.g. `2.49.40`; absent if unknown. */
  readonly release?: string;
  /** A model in context binaries of Qualcomm's AI Hub. */
  readonly origin?: 'ai-hub';
}

/** Returns the target of the QNN delegates; undefined if a program has none. */
export function qnnTarget({ methods, origin }: Pick<ProgramFacts, 'methods' | 'origin'>): QnnTarget | undefined {
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
    label: labelOf(chip, options),
    runsOn: shared || options.sharedBuffer ? 'device' : options.fromContextBinary ? 'unknown' : 'emulator',
    graphs: compiled.map(({ name }) => name),
    shards,
    // With shared weights, every method's part has the same binary. A model of AI Hub has one method.
    contextBytes: (shared ? (compiled[0]?.delegates ?? []) : all).reduce((sum, { bytes }) => sum + bytes, 0),
    fromContextBinary: options.fromContextBinary,
    ...(options.release === undefined ? {} : { release: options.release }),
    ...(origin === undefined ? {} : { origin }),
  };
}

function labelOf(chip: Chip | undefined, { soc, htpArch }: Pick<QnnTarget, 'soc' | 'htpArch'>): string {
  if (chip !== undefined) return chipLabel(chip);
  if (soc !== 0) return chipLabel({ soc: `chip ${soc}`, htpArch });
  return htpArch === 0 ? 'a chip that its files do not name' : chipLabel({ soc: 'chips with a Hexagon', htpArch });
}

function qnnParts({ delegates }: Method): number {
  return delegates.filter(({ qnn }) => qnn !== undefined).length;
}
