/**
 * Finds the files that may belong to a model: dropped, chosen or named ones, those around them, and the tokenizer above a
 * variant's folder. The work is bounded, whatever the folder has.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { AppFailure } from '../../failure.ts';
import { cacheRepository, foldersAbove, isCacheRepository } from '../../engine/published-layout.ts';
import { faulty, faultOfContent, unfinishedName, type FaultyFile } from './faults.ts';
import { fileSystem, type FileSystem } from './file-system.ts';
import { follow, followNamed, insideOf, type Followed } from './links.ts';
import { additionalFolder, companions, foundFile, type FoundFile } from './parts.ts';

/** Above the needs of any repository of models. */
export const most = { entries: 10_000, folders: 1000, links: 250, otherLinks: 50, parts: 1000 } as const;

/** `<size>/<backend>/<chip>/x.pte`. */
const defaultLevels = 3;
/** Version control, caches, lock files and the leftovers of archives. */
const skipped = /^(\.|__MACOSX$|node_modules$)/;
const revision = /^[0-9a-f]{40}$/;

export interface GatherOptions {
  /** Levels of folders to search. */
  readonly levels?: number;
  /** Whether files beside a named file count: not if a folder or an archive was named too. */
  readonly beside?: boolean;
  readonly files?: FileSystem;
}

export interface Gathered {
  readonly files: readonly FoundFile[];
  /** Files that look like parts of a model and cannot be used, and links that were not followed. */
  readonly faulty: readonly FaultyFile[];
  /** The search ended at its limit. */
  readonly cut: boolean;
}

/**
 * Takes the named files and the files beside them, or the files in the named folders and up to three levels below. Of the
 * folders above, only tokenizers and the files that describe their use count.
 * @throws AppFailure `files-not-found`, `files-unusable`
 */
export async function gather(paths: readonly string[], options: GatherOptions = {}): Promise<Gathered> {
  const { levels = defaultLevels, beside = true, files: disk = fileSystem } = options;
  const search = new Search(disk);
  const places = await Promise.all(
    paths.map(async (path) => ({ path: resolve(path), found: await followNamed(resolve(path), disk) })),
  );
  for (const { path, found } of places) requirePlace(path, found);
  const alone = beside && !places.some(({ found }) => found.kind === 'folder');
  for (const { path, found } of places) {
    if (found.kind === 'folder') {
      await search.below(path, levels);
      await search.above(path);
    } else {
      await search.add(path, true);
      // Several named files are all the person means. A file that belongs to no model only names its folder.
      if (!alone) continue;
      await search.below(dirname(path), 0);
      await search.templatesBeside(dirname(path));
      await search.above(dirname(path));
    }
  }
  return search.result;
}

function requirePlace(path: string, found: Followed): void {
  if (found.kind !== 'fault') return;
  if (found.fault === 'link-missing') {
    throw new AppFailure('files-not-found', `There is nothing at “${path}”.`, 'Check that it has not been moved.');
  }
  throw new AppFailure(
    'files-unusable',
    found.fault === 'link-circle'
      ? `“${path}” is a link that leads back to itself.`
      : `“${path}” is a link to another machine.`,
    'Choose the file itself.',
  );
}

interface Folder {
  readonly path: string;
  /** The same folder without links in its path. */
  readonly real: string;
  readonly levels: number;
}

/** One search, with its budget. */
class Search {
  readonly #disk: FileSystem;
  readonly #files = new Map<string, FoundFile>();
  readonly #faulty = new Map<string, FaultyFile>();
  #left: Record<keyof typeof most, number> = { ...most };
  #cut = false;

  constructor(disk: FileSystem) {
    this.#disk = disk;
  }

  get result(): Gathered {
    return { files: [...this.#files.values()], faulty: [...this.#faulty.values()], cut: this.#cut };
  }

  /** Takes the files in a folder and in those below it, the nearest first. */
  async below(path: string, levels: number): Promise<void> {
    const real = await this.#disk.realpath(path).catch(() => undefined);
    if (real === undefined) return;
    const root = cacheRepository(real) ?? foldersAbove(real).at(-1) ?? real;
    let folders = await this.#snapshotsOf({ path, real, levels });
    while (folders.length > 0) {
      const next: Folder[] = [];
      for (const folder of folders) next.push(...(await this.#folder(folder, root)));
      folders = next;
    }
  }

  /** Takes the additional chat templates in a folder. */
  async templatesBeside(path: string): Promise<void> {
    const real = await this.#disk.realpath(path).catch(() => undefined);
    if (real === undefined || !(await this.#has(real, additionalFolder, 'folder'))) return;
    await this.#folder({ path: join(path, additionalFolder), real: join(real, additionalFolder), levels: 0 }, real);
  }

  /** Takes the tokenizer of a variant from the folders of its repository. */
  async above(path: string): Promise<void> {
    const real = await this.#disk.realpath(path).catch(() => undefined);
    if (real === undefined) return;
    const folders = foldersAbove(real);
    const root = cacheRepository(real) ?? folders.at(-1) ?? real;
    for (const folder of folders) {
      await this.#folder({ path: folder, real: folder, levels: 0 }, root, (file) => {
        return file.part === 'tokenizer' || companions.has(file.part);
      });
    }
  }

  /** Keeps a file, or the reason why it cannot be used. */
  async add(path: string, chosen: boolean, bytes?: number): Promise<void> {
    if (!chosen && this.#files.has(path)) return;
    const file = foundFile(path, chosen);
    if (unfinishedName(path)) {
      this.#faulty.set(path, faulty(path, 'unfinished'));
      return;
    }
    if (file.part === undefined) {
      // A manifest may name it.
      this.#files.set(path, { ...file, chosen: false });
      return;
    }
    if (!this.#take('parts')) return;
    const fault = await faultOfContent(file, bytes, this.#disk);
    if (fault === undefined) this.#files.set(path, file);
    else this.#faulty.set(path, faulty(path, fault));
  }

  /** @returns the folders in it that are to be searched */
  async #folder(
    { path, real, levels }: Folder,
    root: string,
    wanted: (file: FoundFile) => boolean = () => true,
  ): Promise<readonly Folder[]> {
    if (!this.#take('folders')) return [];
    const entries = await this.#disk.list(real, this.#left.entries + 1).catch(() => []);
    const folders: Folder[] = [];
    for (const entry of entries) {
      if (!this.#take('entries')) break;
      const own = join(path, entry.name);
      if (entry.isSymbolicLink()) await this.#link(own, join(real, entry.name), root, wanted);
      else if (!entry.isDirectory()) {
        if (wanted(foundFile(own, false)) || unfinishedName(own)) await this.add(own, false);
      } else if (levels > 0 && !skipped.test(entry.name)) {
        folders.push(...(await this.#snapshotsOf({ path: own, real: join(real, entry.name), levels: levels - 1 })));
      }
    }
    return folders;
  }

  async #link(path: string, real: string, root: string, wanted: (file: FoundFile) => boolean): Promise<void> {
    const file = foundFile(path, false);
    if (!wanted(file) || !this.#take(file.part === undefined ? 'otherLinks' : 'links')) return;
    const found = await follow(real, root, insideOf(root), this.#disk);
    // A folder inside is searched in its own place.
    if (found.kind === 'file') await this.add(path, false, found.bytes);
    else if (found.kind === 'fault') this.#faulty.set(path, faulty(path, found.fault));
  }

  /** For a repository in Hugging Face's cache, the revision that is in use; without one, all of them. */
  async #snapshotsOf(folder: Folder): Promise<readonly Folder[]> {
    const { path, real } = folder;
    const isList = basename(real) === 'snapshots' && isCacheRepository(basename(dirname(real)));
    if (!isList && !isCacheRepository(basename(real))) return [folder];
    const [repository, snapshots] = isList ? [dirname(real), path] : [real, join(path, 'snapshots')];
    const realSnapshots = join(repository, 'snapshots');
    if (!(await this.#has(repository, 'snapshots', 'folder'))) return [];
    if (await this.#has(repository, 'blobs', 'folder')) await this.#unfinishedBlobs(join(repository, 'blobs'));
    const name = await this.#revisionInUse(repository);
    if (name === undefined) return [{ path: snapshots, real: realSnapshots, levels: folder.levels + 1 }];
    return [{ path: join(snapshots, name), real: join(realSnapshots, name), levels: folder.levels }];
  }

  async #revisionInUse(repository: string): Promise<string | undefined> {
    if (!(await this.#has(repository, join('refs', 'main'), 'file'))) return undefined;
    const head = await this.#disk.head(join(repository, 'refs', 'main'), 64).catch(() => undefined);
    const name = head === undefined ? '' : Buffer.from(head).toString('latin1').trim();
    return revision.test(name) && (await this.#has(repository, join('snapshots', name), 'folder')) ? name : undefined;
  }

  /** Whether a folder has a file or folder at this path, without a link out of it on the way. */
  async #has(folder: string, name: string, kind: 'file' | 'folder'): Promise<boolean> {
    return (await follow(join(folder, name), folder, insideOf(folder), this.#disk)).kind === kind;
  }

  /** A file of the cache has no link until its download ends. */
  async #unfinishedBlobs(blobs: string): Promise<void> {
    if (!this.#take('folders')) return;
    for (const { name } of await this.#disk.list(blobs, most.links).catch(() => [])) {
      const path = join(blobs, name);
      if (unfinishedName(path)) this.#faulty.set(path, faulty(path, 'unfinished'));
    }
  }

  #take(what: keyof typeof most): boolean {
    if (this.#left[what] <= 0) {
      this.#cut ||= what !== 'otherLinks';
      return false;
    }
    this.#left[what]--;
    return true;
  }
}
