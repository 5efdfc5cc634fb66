/** Computes the SHA-256 of the library's files in the background, one file at a time, and keeps it with the model. */
import type { HashProgress } from '../../preload/contract.ts';
import { log } from '../log.ts';
import type { FileStamp } from '../store/file-hashes.ts';
import type { ModelTable } from '../store/models.ts';
import { stampOf, type ModelFiles } from './model-files.ts';

export interface HashingDependencies {
  readonly table: ModelTable;
  readonly files: Pick<ModelFiles, 'look' | 'hashOf' | 'end' | 'ended'>;
  /** Resolves while no model is being loaded, so that no file is read twice at once. */
  readonly quiet: () => Promise<void>;
  readonly onProgress: (progress: HashProgress) => void;
  /** Called after the files of a model were hashed. */
  readonly onChange: () => Promise<void>;
}

export class BackgroundHashing {
  readonly #with: HashingDependencies;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(dependencies: HashingDependencies) {
    this.#with = dependencies;
  }

  /** Hashes the files without a hash. A call during a run starts another run after it. */
  start(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    const work = this.#hashAll().catch((cause: unknown) => log('debug', 'Files cannot be hashed now', cause));
    this.#running = work.finally(() => {
      this.#running = undefined;
      if (!this.#again || this.#with.files.ended) return;
      this.#again = false;
      this.start();
    });
  }

  /** Stops hashing. A file that was half read is hashed another time. */
  async end(): Promise<void> {
    this.#with.files.end();
    await this.#running;
  }

  async #hashAll(): Promise<void> {
    for (const { id } of this.#with.table.list()) {
      try {
        await this.#hashModel(id);
      } catch (cause) {
        if (this.#with.files.ended) return;
        log('debug', 'The files of a model cannot be hashed now', cause);
      }
    }
  }

  async #hashModel(modelId: string): Promise<void> {
    const { table, files, quiet, onProgress, onChange } = this.#with;
    const stored = table.get(modelId)?.files ?? [];
    const bytesTotal = stored.reduce((sum, { bytes }) => sum + bytes, 0);
    let before = 0;
    let learned = false;
    for (const file of stored) {
      const look = await files.look(file);
      if (look === 'doubtful' || (look === 'same' && file.sha256 === undefined)) {
        await quiet();
        const stamp = await stampOf(file.path);
        const onBytes = (bytes: number): void => onProgress({ modelId, bytesDone: before + bytes, bytesTotal });
        const sha256 = await files.hashOf(file.path, { lowPriority: true, onProgress: onBytes });
        this.#learn(modelId, stamp, sha256);
        learned = true;
      }
      before += file.bytes;
    }
    if (!learned) return;
    onProgress({ modelId, bytesDone: bytesTotal, bytesTotal });
    await onChange();
  }

  /** Keeps the hash of an unchanged file. A file that was written again with the same content gets its new time. */
  #learn(modelId: string, stamp: FileStamp, sha256: string): void {
    const { table } = this.#with;
    const model = table.get(modelId);
    if (model === undefined) return;
    const files = model.files.map((file) => {
      const isUnchanged = file.bytes === stamp.bytes && file.modifiedAt === stamp.modifiedAt;
      const isSame = file.path === stamp.path && (isUnchanged || file.sha256 === sha256);
      return isSame ? { ...file, modifiedAt: stamp.modifiedAt, sha256 } : file;
    });
    table.put({ ...model, files }, Date.now());
  }
}
