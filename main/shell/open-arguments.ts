/** What the app was started with: files to open, or the smoke test. */
import { resolve } from 'node:path';

export interface OpenArguments {
  /** Absolute paths of files and folders to open. */
  readonly paths: readonly string[];
  /** Where the smoke test writes what it found; absent: an ordinary start. */
  readonly smokeTest?: string;
}

const smokeTest = '--smoke-test=';
/** Something with a scheme is an address, not a path; one letter before the colon is a drive. */
const address = /^[a-z][a-z0-9+.-]+:/i;

/**
 * @param argv As Node and Electron have it: the program first and, in a checkout, the app's folder after it.
 * @param packaged Whether the app is the program itself.
 * @param folder Where it was started: paths are relative to it.
 */
export function openArguments(argv: readonly string[], packaged: boolean, folder: string): OpenArguments {
  const given = argv.slice(1);
  const end = given.indexOf('--');
  // Chromium and Electron have options of their own, which a second instance passes on; nothing after `--` is one.
  const options = (end < 0 ? given : given.slice(0, end)).filter((argument) => argument.startsWith('-'));
  const words = (end < 0 ? given : given.slice(0, end)).filter((argument) => !argument.startsWith('-'));
  const names = [...(packaged ? words : words.slice(1)), ...(end < 0 ? [] : given.slice(end + 1))];
  const asked = options.find((option) => option.startsWith(smokeTest))?.slice(smokeTest.length);
  return {
    paths: names
      .filter((name) => name !== '' && !name.includes('\0') && !address.test(name))
      .map((name) => resolve(folder, name)),
    ...(asked === undefined || asked === '' ? {} : { smokeTest: resolve(folder, asked) }),
  };
}
