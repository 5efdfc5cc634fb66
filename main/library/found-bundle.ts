import type { BundlePaths, KeptState, SamplingSettings } from '../engine/protocol.ts';
import type { StoredFile } from '../store/models.ts';
import type { MemoryNeed } from './memory.ts';

/** A bundle on disk: the files to load, and the facts to show before that. */
export interface FoundBundle {
  readonly paths: BundlePaths;
  /** Size and time of the same files. */
  readonly files: readonly StoredFile[];
  /** Operators that the program calls. */
  readonly operators?: readonly string[];
  /** Backends that the program delegates to. */
  readonly backends?: readonly string[];
  /** State that the program keeps from call to call. */
  readonly keptState?: KeptState;
  readonly name: string;
  readonly bytes: number;
  readonly license?: string;
  readonly parameters?: number;
  /** Recommended sampling. The person's settings override it. */
  readonly sampling: Partial<Record<keyof SamplingSettings, number | undefined>>;
  readonly memory: MemoryNeed;
}
