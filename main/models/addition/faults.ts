/** Files that look like parts of a model and cannot be used, and the sentences about them. */
import { basename, dirname } from 'node:path';
import type { FileFault, UnusableFile } from '../../../preload/contract.ts';
import type { FileSystem } from './file-system.ts';
import { partOf, type FoundFile } from './parts.ts';

export type FaultyFile = UnusableFile;

export function faulty(path: string, fault: FileFault, detail?: string): FaultyFile {
  return { path, name: basename(path), folder: dirname(path), fault, ...(detail === undefined ? {} : { detail }) };
}

/** Endings that browsers and downloaders give to a file until it is complete. */
const unfinishedEnding = /\.(incomplete|part|partial|crdownload|download|opdownload|aria2|tmp)$/i;

/** Whether the name is that of a model's part, or of a file in Hugging Face's cache, during its download. */
export function unfinishedName(path: string): boolean {
  const name = basename(path);
  if (!unfinishedEnding.test(name)) return false;
  return name.toLowerCase().endsWith('.incomplete') || partOf(name.replace(unfinishedEnding, '')) !== undefined;
}

/** Files that publishers store with Git LFS. */
const largeParts: ReadonlySet<string | undefined> = new Set(['program', 'data', 'tokenizer']);
/** git-lfs/docs/spec.md: a pointer has less than 1024 bytes and begins with this line. */
const pointerBytes = 1024;
const pointerStart = 'version https://git-lfs.github.com/spec/';

/** @param bytes the size, if it is known */
export async function faultOfContent(
  { path, part }: FoundFile,
  bytes: number | undefined,
  files: FileSystem,
): Promise<FileFault | undefined> {
  if (!largeParts.has(part)) return undefined;
  const size = bytes ?? (await files.lstat(path).catch(() => undefined))?.size ?? 0;
  if (size >= pointerBytes) return undefined;
  const head = await files.head(path, pointerStart.length).catch(() => undefined);
  return head !== undefined && Buffer.from(head).toString('latin1') === pointerStart ? 'lfs-pointer' : undefined;
}

interface Words {
  /** After the file's name. */
  readonly reason: (detail: string) => string;
  readonly hint: string;
}

const chooseOther = 'Choose another variant from the same repository: one for XNNPACK runs on the CPU.';
const downloadAgain = 'Download the repository again until no file is missing, then open it again.';

const words: Readonly<Record<FileFault, Words>> = {
  'link-outside': {
    reason: () => 'is a link to a place outside of its folder, which Wyvern does not follow',
    hint: 'Drop the file that it points to as well, or copy it into the folder.',
  },
  'link-circle': { reason: () => 'is a link that leads back to itself', hint: downloadAgain },
  'link-missing': { reason: () => 'is a link to a file that is not there', hint: downloadAgain },
  unfinished: { reason: () => 'is still being downloaded', hint: 'Wait for the download to end, then open it again.' },
  'lfs-pointer': {
    reason: () => 'is a Git LFS pointer and not the file itself',
    hint: 'Run `git lfs pull` in the repository, then open it again.',
  },
  'points-outside': {
    reason: (detail) => `names “${detail}”, which is outside of its repository`,
    hint: 'Choose the tokenizer yourself.',
  },
  'foreign-backend': { reason: (detail) => `was made for ${detail}`, hint: chooseOther },
  'other-chip': { reason: (detail) => `was compiled for ${detail}`, hint: chooseOther },
  unreadable: { reason: () => 'is damaged', hint: 'Download it again and compare its size with the page.' },
};

/** Most files that one sentence names. */
const mostNamed = 4;

/** Names the files and their faults in one sentence, with the next step of the first. */
export function describeFaults(
  files: readonly FaultyFile[],
): { readonly message: string; readonly hint: string } | undefined {
  const [first] = files;
  if (first === undefined) return undefined;
  const said = files
    .slice(0, mostNamed)
    .map(({ name, fault, detail = '' }) => `“${name}” ${words[fault].reason(detail)}`);
  const rest = files.length > mostNamed ? `, and ${files.length - mostNamed} more cannot be used` : '';
  return { message: `${said.join(', ')}${rest}.`, hint: words[first.fault].hint };
}
