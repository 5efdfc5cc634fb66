/** `platform_test.node`: the parts of the addon that differ between systems. Built with the addon; not part of the app. */
import { createRequire } from 'node:module';
import { besideAddon } from '../addon-path.ts';

interface PlatformTestAddon {
  /** Writes words to the C library's standard output (if `both`) and standard error and to descriptor 2, captured. */
  capture(
    both: boolean,
    output: string,
    error: string,
    raw: string,
  ): { readonly output: string; readonly error: string };
  /** The version in a library's resources; empty if it has none. */
  fileRelease(path: string): string;
  ownFolder(): string;
  load(
    path: string,
    symbol: string,
  ): { readonly loaded: boolean; readonly reason: string; readonly hasSymbol: boolean };
  content(path: string): string | undefined;
  roundTrip(path: string): string;
  /** The file name of Qualcomm's HTP backend on this system. */
  readonly libraryName: string;
}

export const platformAddonPath = besideAddon('platform_test.node');
export const platform = createRequire(import.meta.url)(platformAddonPath) as PlatformTestAddon;
