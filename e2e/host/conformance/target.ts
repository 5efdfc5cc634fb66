/** Starts small apps on the Chromium host, or in a real Electron that `WYVERN_CONFORMANCE` names. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Executable and version of the Electron under test; both are unset for the host. */
const executable = process.env['WYVERN_CONFORMANCE'];
const version = process.env['WYVERN_CONFORMANCE_VERSION'] ?? '';

/** Electron's major version; undefined for the host, which follows the newest. */
export const electronMajor = executable === undefined ? undefined : Number.parseInt(version, 10);

export interface Files {
  readonly [name: string]: string;
}

/** The package of every small app. */
const appPackage = { name: 'probe-app', productName: 'Probe', version: '3.2.1', main: 'main.cjs' };

/** Makes an app's folder. */
export function makeApp(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern-probe-'));
  mkdirSync(join(folder, 'config'));
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(appPackage), ...files }))
    writeFileSync(join(folder, name), text);
  return folder;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts an app with user data below its own folder. */
export function startApp(folder: string, { args = [], env = {}, cwd = folder }: StartOptions = {}): ChildProcess {
  // Chromium's sandbox refuses to run as root.
  const unsandboxed = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const [command, first] =
    executable === undefined
      ? [process.execPath, [resolve(import.meta.dirname, '../launch.ts'), `--app=${folder}`, '--desktop']]
      : [executable, [...unsandboxed, folder]];
  return spawn(command, [...first, ...args], {
    cwd,
    env: { ...process.env, XDG_CONFIG_HOME: join(folder, 'config'), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}
