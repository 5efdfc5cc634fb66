import type { BundlePaths, SamplingSettings } from '../engine/protocol.ts';
import type { StoredFile } from '../store/models.ts';
import type { MemoryNeed } from './memory.ts';

/** A bundle found on disk: what to load, and what to show before it is. */
export interface FoundBundle {
  readonly paths: BundlePaths;
  /** The same files as they are now. */
  readonly files: readonly StoredFile[];
  /** That its program calls. */
  readonly operators?: readonly string[];
  /** That it delegates to. */
  readonly backends?: readonly string[];
  readonly name: string;
  readonly bytes: number;
  readonly license?: string;
  readonly parameters?: number;
  /** Sampling that the bundle recommends; a person's own settings come before it. */
  readonly sampling: Partial<Record<keyof SamplingSettings, number | undefined>>;
  readonly memory: MemoryNeed;
}
