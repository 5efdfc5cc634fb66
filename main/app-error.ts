/** Turns any failure into the error that the window shows. */
import type { AppError } from '../preload/contract.ts';
import { EngineFailure } from './engine/errors.ts';
import { AppFailure } from './failure.ts';
import { StoreTooNewError } from './store/database.ts';
import { isSqliteError, whyNotWritten } from './store/sqlite-errors.ts';

const notWritten = {
  full: {
    message: 'The chats could not be saved: the disk is full.',
    hint: 'Free some space, then try again.',
  },
  'read-only': {
    message: 'The chats could not be saved: Wyvern may not write to their file or folder.',
    hint: 'Check the permissions, close other programs that use the file, then try again.',
  },
  disk: {
    message: 'The chats could not be saved: the disk is full or reports an error.',
    hint: 'Check the disk, then try again.',
  },
} as const;

/** Turns any failure into an error for the window; unexpected ones become `internal`. */
export function toAppError(cause: unknown): AppError {
  if (cause instanceof AppFailure) return cause.error;
  if (cause instanceof EngineFailure) return cause.toError();
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof StoreTooNewError) return { code: 'store-too-new', message: text, hint: cause.hint };
  if (isSqliteError(cause)) {
    const why = whyNotWritten(cause);
    return {
      code: 'store-failed',
      message: why === undefined ? `The chats could not be saved: ${text}.` : notWritten[why].message,
      hint: `${why === undefined ? 'Try again.' : notWritten[why].hint} Nothing on the screen is lost while the window stays open.`,
    };
  }
  return {
    code: 'internal',
    message: `Wyvern could not do this: ${text}`,
    hint: 'Try again. If it happens twice, start Wyvern with WYVERN_LOG=debug and look at the log.',
  };
}
