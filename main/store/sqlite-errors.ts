/** The meaning of SQLite's result codes for the store. https://sqlite.org/rescode.html */

/** Primary codes. */
const generic = 1;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const mismatch = 20;
const format = 24;
const notADatabase = 26;

/** The file contradicts itself. */
export class StoreDamagedError extends Error {
  override readonly name = 'StoreDamagedError';
}

export function isSqliteError(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_SQLITE_ERROR';
}

function codeOf(cause: unknown): number | undefined {
  return cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : undefined;
}

/** Whether the file is damaged or is not a database. */
export function isDamage(cause: unknown): boolean {
  if (cause instanceof StoreDamagedError) return true;
  const code = codeOf(cause);
  return code === corrupt || code === notADatabase || code === format || code === mismatch;
}

/** Whether an error while a store is opened means damage. At that point only damaged files lack tables or columns. */
export function isDamageAtOpening(cause: unknown): boolean {
  return isDamage(cause) || codeOf(cause) === generic;
}

/** Why SQLite cannot write, if that is the error. */
export function whyNotWritten(cause: unknown): 'full' | 'read-only' | 'disk' | undefined {
  const code = codeOf(cause);
  if (code === full) return 'full';
  if (code === readOnly || code === cannotOpen) return 'read-only';
  if (code === ioError) return 'disk';
  return undefined;
}
