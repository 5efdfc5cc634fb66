/** Reads Windows' registry with its own `reg query`: no native module, and a time limit. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** Key → value's name → text. Names as they are written. */
export type RegistryKeys = ReadonlyMap<string, ReadonlyMap<string, string>>;

export type QueryRegistry = (key: string) => Promise<RegistryKeys>;

const timeoutMs = 5000;
const maxOutputBytes = 2 ** 20;

/** A key and all below it; empty where there is none, or where it cannot be read. Never throws. */
export const queryRegistry: QueryRegistry = async (key) => {
  if (process.platform !== 'win32') return new Map();
  // By absolute path: a `reg.exe` beside the app or in the search path is none of ours.
  const reg = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'reg.exe');
  return await new Promise((settle) => {
    const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes, windowsHide: true } as const;
    execFile(reg, ['query', key, '/s'], options, (error, output) => settle(error ? new Map() : parseRegistry(output)));
  });
};

/**
 * What `reg query` prints: a key on a line of its own, then its values, indented, as name, type and text. The name of a
 * key's default value is in the system's language; types are in none.
 */
export function parseRegistry(output: string): RegistryKeys {
  const keys = new Map<string, Map<string, string>>();
  let values: Map<string, string> | undefined;
  for (const line of output.split(/\r?\n/)) {
    if (/^HKEY_/.test(line)) {
      values = new Map();
      keys.set(line.trim(), values);
      continue;
    }
    const [, name, type, text = ''] = /^ {4}(.+?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) values?.set(name, text);
  }
  return keys;
}
