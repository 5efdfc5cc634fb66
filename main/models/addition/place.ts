/**
 * Copies models into the library's own folder. A bundle is assembled in a work folder, compared with its source by hash, and
 * moved to its place with one rename. The library never has half a model.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, sep } from 'node:path';
import type { ModelPart } from '../../../preload/contract.ts';
import type { BundlePaths } from '../../engine/protocol.ts';
import { removeFolder, renameFile } from '../../files/held.ts';
import { nameKey, portableName } from '../../files/names.ts';
import { openToRead } from '../../files/reading.ts';
import { hashFile } from '../hash.ts';
import { readFailure, requireSpace, writeFailure, type Progress } from './disk.ts';
import { additionalFolder, bundlePaths, filesOf } from './parts.ts';

const chunkBytes = 256 * 1024;
const workName = '.incoming-';

export interface PlaceOptions {
  /** The library's folder. */
  readonly library: string;
  /** Made by {@link makeWorkFolder}; files in it are moved, all others are copied. */
  readonly work: string;
  readonly name: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** A new work folder on the library's disk. */
export async function makeWorkFolder(library: string): Promise<string> {
  const folder = join(library, `${workName}${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(error, folder);
  }
  return folder;
}

/** Removes the work folders of killed processes. */
export async function sweepWorkFolders(library: string): Promise<void> {
  const names = await readdir(library).catch(() => []);
  for (const name of names) {
    if (name.startsWith(workName)) await removeFolder(join(library, name));
  }
}

/**
 * @returns the new paths of the files
 * @throws AppFailure `disk-full`, `copy-failed`; the signal's reason. The caller removes the work folder in any case.
 */
export async function placeInLibrary(paths: BundlePaths, options: PlaceOptions): Promise<BundlePaths> {
  const { library, work, signal, onProgress } = options;
  const folder = join(work, 'bundle');
  const files = withNames(filesOf(paths));
  for (const { name } of files) await mkdir(dirname(join(folder, name)), { recursive: true });
  const foreign = files.filter(({ path }) => !path.startsWith(work + sep));
  const sizes = await Promise.all(
    foreign.map(async ({ path }) => {
      const { size } = await stat(path).catch((error: unknown) => {
        throw readFailure(error, path);
      });
      return size;
    }),
  );
  const bytesTotal = sizes.reduce((sum, size) => sum + size, 0);
  await requireSpace(library, bytesTotal);
  const hashes = new Map<string, string>();
  let bytesDone = 0;
  for (const { path, name } of files) {
    const target = join(folder, name);
    if (path.startsWith(work + sep)) await renameFile(path, target);
    else {
      const hash = await copy(path, target, signal, (bytes) => {
        bytesDone += bytes;
        onProgress({ stage: 'copy', bytesDone, bytesTotal });
      });
      hashes.set(target, hash);
    }
  }
  let compared = 0;
  for (const [target, hash] of hashes) {
    const before = compared;
    const onBytes = (bytes: number): void => {
      compared = before + bytes;
      onProgress({ stage: 'verify', bytesDone: compared, bytesTotal });
    };
    const written = await hashFile(target, { signal, onProgress: onBytes });
    if (written !== hash) throw writeFailure(new Error('the disk returned other bytes than were written'), target);
  }
  signal.throwIfAborted();
  const place = await takePlace(folder, library, options.name);
  return bundlePaths(files.map(({ part, name }) => [part, join(place, name)] as const)) ?? paths;
}

/** @returns SHA-256 of the bytes read */
async function copy(
  path: string,
  target: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  const source = await openToRead(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  try {
    const before = await source.stat();
    const file = await open(target, 'wx');
    try {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead } = await source.read(chunk, 0, chunkBytes, null);
        if (bytesRead === 0) break;
        hash.update(chunk.subarray(0, bytesRead));
        for (let at = 0; at < bytesRead;) at += (await file.write(chunk, at, bytesRead - at)).bytesWritten;
        onBytes(bytesRead);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const after = await source.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      throw writeFailure(new Error(`“${path}” changed during the copy`), target);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw writeFailure(error, target);
  } finally {
    await source.close();
  }
  return hash.digest('hex');
}

interface NamedFile {
  readonly part: ModelPart;
  readonly path: string;
  readonly name: string;
}

/** Puts files of several folders into one. Files with equal names get different ones. */
function withNames(files: readonly (readonly [ModelPart, string])[]): readonly NamedFile[] {
  const taken = new Set<string>();
  return files.map(([part, path]) => {
    const own = basename(path);
    const inside = part === 'additionalTemplates' ? `${additionalFolder}/` : '';
    let name = inside + own;
    for (let turn = 2; taken.has(nameKey(name)); turn++) {
      name = `${inside}${basename(own, extname(own))} (${turn})${extname(own)}`;
    }
    taken.add(nameKey(name));
    return { part, path, name };
  });
}

/** Renames the folder to the model's name, with a number if that is taken. */
async function takePlace(folder: string, library: string, name: string): Promise<string> {
  const own = portableName(name, 'model');
  for (let turn = 1; ; turn++) {
    const place = join(library, turn === 1 ? own : `${own} (${turn})`);
    if ((await stat(place).catch(() => undefined)) !== undefined) continue;
    try {
      await renameFile(folder, place);
      return place;
    } catch (error) {
      // Another process took the name after the check.
      if ((await stat(place).catch(() => undefined)) === undefined) throw writeFailure(error, place);
    }
  }
}
