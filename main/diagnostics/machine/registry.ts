/** Reads Windows' registry with its own `reg query`: no native module, and a time limit. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** Key → value's name → text. Names keep their case. */
export type RegistryKeys = ReadonlyMap<string, ReadonlyMap<string, string>>;

export type QueryRegistry = (key: string) => Promise<RegistryKeys>;

const timeoutMs = 5000;
const maxOutputBytes = 2 ** 20;

/** A key and all keys below it; empty if it is missing or unreadable. Never throws. */
export const queryRegistry: QueryRegistry = async (key) => {
  if (process.platform !== 'win32') return new Map();
  // An absolute path, so that no other `reg.exe` beside the app or in the search path runs.
  const reg = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'reg.exe');
  return await new Promise((settle) => {
    const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes, windowsHide: true } as const;
    execFile(reg, ['query', key, '/s'], options, (error, output) => settle(error ? new Map() : parseRegistry(output)));
  });
};

/**
 * The output of `reg query`: a key on its own line, then its values, indented, as name, type and text. The name of a default
 * value is in the system's language; types are not translated.
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
