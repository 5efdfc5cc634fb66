/**
 * Follows links in a folder that others made, one step at a time and never out of the allowed place. A link may point at a
 * network share: asking the system for its target would already open a connection, so every step is checked before.
 */
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import type { FileFault } from '../../../preload/contract.ts';
import type { FileSystem } from './file-system.ts';

/** Links on the way to one file. Hugging Face's cache needs one. */
const mostLinks = 4;

export type Followed =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'fault'; readonly fault: Extract<FileFault, `link-${string}`> };

export type Inside = (path: string) => boolean;

/** Everything in a folder, whose own path has no links. */
export function insideOf(root: string): Inside {
  return (path) => {
    const way = relative(root, path);
    return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
  };
}

/** Any place on this machine: for a link that the person chose. */
export const onThisMachine: Inside = (path) => !/^[\\/]{2}/.test(path);

const outside: Followed = { kind: 'fault', fault: 'link-outside' };
const missing: Followed = { kind: 'fault', fault: 'link-missing' };

/**
 * Finds the file or folder at `path`.
 * @param root a folder above `path` whose own path has no links: the allowed place, or the root of the file system
 */
export async function follow(path: string, root: string, isInside: Inside, files: FileSystem): Promise<Followed> {
  let links = 0;
  let at = root;
  let rest = partsOf(root, path);
  let last: Awaited<ReturnType<FileSystem['lstat']>> | undefined;
  while (rest.length > 0) {
    const [name = '', ...others] = rest;
    const next = join(at, name);
    if (!isInside(next)) return outside;
    last = await files.lstat(next).catch(() => undefined);
    if (last === undefined) return missing;
    if (!last.isSymbolicLink()) {
      at = next;
      rest = others;
      continue;
    }
    links++;
    if (links > mostLinks) return { kind: 'fault', fault: 'link-circle' };
    const target = await files.readlink(next).catch(() => undefined);
    if (target === undefined) return missing;
    const goal = resolve(at, target);
    if (!isInside(goal)) return outside;
    // The way to the target may have links too. On Windows, the target may be on another drive.
    at = insideOf(root)(goal) ? root : parse(goal).root;
    last = undefined;
    rest = [...partsOf(at, goal), ...others];
  }
  if (last?.isDirectory() ?? true) return { kind: 'folder', path: at };
  return last?.isFile() === true ? { kind: 'file', path: at, bytes: last.size } : missing;
}

function partsOf(from: string, path: string): string[] {
  return relative(from, path)
    .split(sep)
    .filter((part) => part !== '');
}

/** Follows a path that the person named: its links may lead to any place on this machine. */
export async function followNamed(path: string, files: FileSystem): Promise<Followed> {
  const found = await files.lstat(path).catch(() => undefined);
  if (found === undefined) return missing;
  if (found.isDirectory()) return { kind: 'folder', path };
  if (found.isFile()) return { kind: 'file', path, bytes: found.size };
  const folder = await files.realpath(dirname(path)).catch(() => dirname(path));
  const { root } = parse(folder);
  // A file that the person named on a share may link to others of the same share.
  const isInside: Inside = (place) => onThisMachine(place) || insideOf(root)(place);
  return await follow(join(folder, parse(path).base), root, isInside, files);
}
