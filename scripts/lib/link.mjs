import { lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.mjs';

/**
 * Puts a link to a folder of the cache into the checkout, in place of an older one.
 * @param {string} link @param {string} target
 * @throws {Failure} if something else is in its place
 */
export function linkFolder(link, target) {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there !== undefined) {
    if (!there.isSymbolicLink()) {
      throw new Failure(`${link} is a folder that set-up did not make.`, {
        hint: 'Move it away; set-up puts a link to its own folder there.',
      });
    }
    if (readlinkSync(link) === target) return;
    rmSync(link);
  }
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(target, link, process.platform === 'win32' ? 'junction' : 'dir');
}
