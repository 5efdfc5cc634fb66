/** Removes personal data from a text: names in paths, and names of machines. */
import { homedir, hostname, userInfo } from 'node:os';

export interface Person {
  readonly home: string;
  readonly user: string;
  readonly host: string;
}

export function thisPerson(): Person {
  let user = '';
  try {
    user = userInfo().username;
  } catch {
    // The system has no name for this user.
  }
  return { home: homedir(), user, host: hostname() };
}

/** Too short to distinguish from ordinary words, or a generic name. */
const commonNames: ReadonlySet<string> = new Set(['root', 'user', 'admin', 'administrator', 'localhost']);

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** @returns the text without home folders, network hosts, the user's name and the machine's name */
export function redact(text: string, { home, user, host }: Person = thisPerson()): string {
  let safe = text;
  for (const form of new Set([home, home.replaceAll('\\', '/'), home.replaceAll('\\', '\\\\')])) {
    if (form.length > 1) safe = replaceAllFold(safe, form, '~');
  }
  safe = safe
    .replaceAll(/([A-Za-z]:[\\/]{1,2}Users[\\/]{1,2})[^\\/\s"'”]+/gi, '$1…')
    .replaceAll(/(\/(?:home|Users)\/)[^/\s"'”]+/g, '$1…')
    .replaceAll(/(^|[\s"'“(])(\\\\)[^\\/\s"'”]+/g, '$1$2…');
  for (const name of [user, host]) {
    if (name.length >= 3 && !commonNames.has(name.toLowerCase())) {
      safe = safe.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${escape(name)}(?![\\p{L}\\p{N}])`, 'giu'), '…');
    }
  }
  return safe;
}

function replaceAllFold(text: string, what: string, by: string): string {
  return text.replaceAll(new RegExp(escape(what), 'gi'), by);
}
