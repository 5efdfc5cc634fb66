/** Turns any failure into the error that the window shows. */
import type { AppError } from '../preload/contract.ts';
import { EngineFailure } from './engine/errors.ts';
import { AppFailure } from './failure.ts';
import { StoreTooNewError } from './store/database.ts';
import { isSqliteError, whyNotWritten } from './store/sqlite-errors.ts';

const notWritten = {
  full: {
    message: 'The chats could not be saved: the disk is full.',
    hint: 'Make room on it, then try again.',
  },
  'read-only': {
    message: 'The chats could not be saved: their file or its folder cannot be written to.',
    hint: 'Check who may write there and that no other program holds the file, then try again.',
  },
  disk: {
    message: 'The chats could not be saved: the disk reports an error, or has no room.',
    hint: 'Check that it is there, whole and not full, then try again.',
  },
} as const;

/** Any failure, in the window's words; what nobody expected is `internal`. */
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
      hint: `${why === undefined ? 'Try again.' : notWritten[why].hint} What is on the screen is not lost while the window is open.`,
    };
  }
  return {
    code: 'internal',
    message: `Wyvern could not do this: ${text}`,
    hint: 'Try again. If it happens twice, start Wyvern with WYVERN_LOG=debug and look at the log.',
  };
}
