import { lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.mjs';

/**
 * Links a folder of the cache into the checkout, and replaces an older link.
 * @param {string} link @param {string} target
 * @throws {Failure} if another file is in its place
 */
export function linkFolder(link, target) {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there !== undefined) {
    if (!there.isSymbolicLink()) {
      throw new Failure(`${link} is a folder that set-up did not make.`, {
        hint: 'Move it away. Set-up needs the place for a link.',
      });
    }
    if (readlinkSync(link) === target) return;
    rmSync(link);
  }
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(target, link, process.platform === 'win32' ? 'junction' : 'dir');
}
