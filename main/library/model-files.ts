/** The files of the models in the library: whether they moved or changed, where they are now, and their SHA-256. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ModelFileState } from '../../preload/contract.ts';
import { AppFailure } from '../failure.ts';
import { hashFile, type HashOptions } from '../models/hash.ts';
import { hashesOf } from '../models/bundle.ts';
import { bundlePaths, filesOf } from '../models/addition/parts.ts';
import type { BundlePaths } from '../engine/protocol.ts';
import type { FileHashTable, FileStamp } from '../store/file-hashes.ts';
import type { StoredFile, StoredModel } from '../store/models.ts';

export interface ModelFilesDependencies {
  readonly hashes: FileHashTable;
  readonly hash?: (path: string, options: HashOptions) => Promise<string>;
}

export class ModelFiles {
  readonly #with: ModelFilesDependencies;
  readonly #stop = new AbortController();
  readonly #hash: (path: string, options: HashOptions) => Promise<string>;

  constructor(dependencies: ModelFilesDependencies) {
    this.#with = dependencies;
    this.#hash = dependencies.hash ?? hashFile;
  }

  /** What is known without reading the files. */
  async stateOf(model: StoredModel): Promise<ModelFileState> {
    const looks = await Promise.all(model.files.map(async (file) => await this.look(file)));
    const named = (found: Look): readonly string[] =>
      model.files.filter((_, index) => looks[index] === found).map(({ path }) => basename(path));
    const manifest = model.files.find(({ part }) => part === 'manifest');
    const promised = manifest === undefined ? {} : await hashesOf(manifest.path);
    const known = model.files.filter(
      ({ path, sha256 }) => sha256 !== undefined && promised[basename(path)] !== undefined,
    );
    const wrong = known.filter(({ path, sha256 }) => promised[basename(path)] !== sha256);
    const sha256 = model.files.find(({ part }) => part === 'program')?.sha256;
    return {
      moved: named('moved'),
      changed: named('changed'),
      mismatched: wrong.map(({ path }) => basename(path)),
      verified: known.length - wrong.length,
      ...(sha256 === undefined ? {} : { sha256 }),
    };
  }

  /**
   * Before a load: the files are where and what they were, compared by hash where size and time leave a doubt.
   * @throws AppFailure `model-moved`, `model-changed`
   */
  async require(model: StoredModel): Promise<void> {
    const lost = new Map<Look, string[]>();
    for (const file of model.files) {
      let found = await this.look(file);
      if (found === 'doubtful') {
        await this.hashOf(file.path);
        found = await this.look(file);
      }
      lost.set(found, [...(lost.get(found) ?? []), basename(file.path)]);
    }
    const moved = lost.get('moved');
    if (moved) {
      throw new AppFailure(
        'model-moved',
        `${quoted(moved)} of this model ${moved.length === 1 ? 'is' : 'are'} no longer where ${moved.length === 1 ? 'it was' : 'they were'}.`,
        'Choose “Locate…” and show where they are now.',
      );
    }
    const changed = lost.get('changed');
    if (changed) {
      throw new AppFailure(
        'model-changed',
        `${quoted(changed)} ${changed.length === 1 ? 'is' : 'are'} not what ${changed.length === 1 ? 'it was' : 'they were'} when this model was added.`,
        'If you replaced the files yourself, choose “Load anyway”. Otherwise compare them with the original.',
      );
    }
  }

  /** SHA-256 of a file as it is now, from the table if the file has not changed. @throws Error of the file system */
  async hashOf(path: string, options: Omit<HashOptions, 'signal'> = {}): Promise<string> {
    const stamp = await stampOf(path);
    const known = this.#with.hashes.get(stamp);
    if (known !== undefined) return known;
    const sha256 = await this.#hash(path, { ...options, signal: this.#stop.signal });
    this.#with.hashes.put(stamp, sha256);
    return sha256;
  }

  /** Stops hashing. A file that was half read is hashed another time. */
  end(): void {
    this.#stop.abort();
  }

  get ended(): boolean {
    return this.#stop.signal.aborted;
  }

  /**
   * The same files in other places: matched by name, by size, and by hash if it is known.
   * @param paths the files that the person named, and those beside them
   * @throws AppFailure `files-differ`, naming the first that was not found
   */
  async locate(model: StoredModel, paths: readonly string[]): Promise<readonly StoredFile[]> {
    const located: StoredFile[] = [];
    for (const file of model.files) {
      const here = await this.look(file);
      if (here === 'same' || here === 'doubtful') {
        located.push(file);
        continue;
      }
      const name = basename(file.path);
      const found = await this.#sameAmong(
        file,
        paths.filter((path) => basename(path) === name),
      );
      if (found === undefined) {
        const some = paths.some((path) => basename(path) === name);
        throw new AppFailure(
          'files-differ',
          some ? `The “${name}” there is another file than the one this model had.` : `There is no “${name}” there.`,
          'Show the folder that the original files are in, or open what is there as a new model.',
        );
      }
      located.push(found);
    }
    return located;
  }

  /** Compares a file with what was stored about it, without reading it. */
  async look(file: StoredFile): Promise<Look> {
    const stamp = await stampOf(file.path).catch(() => undefined);
    if (stamp === undefined) return 'moved';
    if (stamp.bytes !== file.bytes) return 'changed';
    if (stamp.modifiedAt === file.modifiedAt) return 'same';
    const sha256 = this.#with.hashes.get(stamp);
    if (file.sha256 === undefined) return 'changed';
    if (sha256 === undefined) return 'doubtful';
    return sha256 === file.sha256 ? 'same' : 'changed';
  }

  async #sameAmong(file: StoredFile, paths: readonly string[]): Promise<StoredFile | undefined> {
    for (const path of paths) {
      const stamp = await stampOf(path).catch(() => undefined);
      if (stamp?.bytes !== file.bytes) continue;
      if (file.sha256 === undefined || (await this.hashOf(path)) === file.sha256) return { ...file, ...stamp };
    }
    return undefined;
  }
}

/** `doubtful`: the size is the same, but the file was written since. */
export type Look = 'same' | 'moved' | 'changed' | 'doubtful';

/** The files of a bundle as they are now. @throws Error of the file system */
export async function storedFiles(paths: BundlePaths): Promise<readonly StoredFile[]> {
  return await Promise.all(filesOf(paths).map(async ([part, path]) => ({ part, ...(await stampOf(path)) })));
}

/** The paths for the engine; undefined if the stored files are not a bundle. */
export function pathsOf(files: readonly StoredFile[]): BundlePaths | undefined {
  return bundlePaths(files.map(({ part, path }) => [part, path] as const));
}

/** @throws Error of the file system */
export async function stampOf(path: string): Promise<FileStamp> {
  const { size, mtimeMs } = await stat(path);
  return { path, bytes: size, modifiedAt: mtimeMs };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `“${name}”`).join(', ');
}
