/** The file operations of the search for a model's files. Tests count them. */
import type { Dirent, Stats } from 'node:fs';
import { lstat, opendir, readlink, realpath } from 'node:fs/promises';
import { openToRead } from '../../files/reading.ts';

/** One name in a folder. */
export type Entry = Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>;

export interface FileSystem {
  /** Does not follow a link. */
  readonly lstat: (path: string) => Promise<Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'size'>>;
  readonly readlink: (path: string) => Promise<string>;
  readonly realpath: (path: string) => Promise<string>;
  /** At most `most` entries of a folder, so that a huge one costs no more. */
  readonly list: (folder: string, most: number) => Promise<readonly Entry[]>;
  /** The first bytes of a file. */
  readonly head: (path: string, bytes: number) => Promise<Uint8Array>;
}

export const fileSystem: FileSystem = {
  lstat,
  readlink,
  realpath,
  async list(folder, most) {
    const entries: Entry[] = [];
    if (most <= 0) return entries;
    for await (const entry of await opendir(folder)) {
      entries.push(entry);
      if (entries.length >= most) break;
    }
    return entries;
  },
  async head(path, bytes) {
    const file = await openToRead(path);
    try {
      const head = Buffer.alloc(bytes);
      const { bytesRead } = await file.read(head, 0, bytes, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
};
