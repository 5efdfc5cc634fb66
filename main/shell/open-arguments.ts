/** The arguments of the app: files to open, or the smoke test. */
import { resolve } from 'node:path';

export interface OpenArguments {
  /** Absolute paths of files and folders to open. */
  readonly paths: readonly string[];
  /** The result file of the smoke test; absent for an ordinary start. */
  readonly smokeTest?: string;
}

const smokeTest = '--smoke-test=';
/** An argument with a scheme is an address, not a path. One letter before the colon is a drive. */
const address = /^[a-z][a-z0-9+.-]+:/i;

/**
 * @param argv as Node and Electron give it: the program, then in a checkout the app's folder
 * @param packaged whether the app is the program itself
 * @param folder the start folder: paths are relative to it
 */
export function openArguments(argv: readonly string[], packaged: boolean, folder: string): OpenArguments {
  const given = argv.slice(1);
  const end = given.indexOf('--');
  // A second instance passes on options of Chromium and Electron. Arguments after `--` are never options.
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
