import type { AppError, ErrorCode } from '../preload/contract.ts';
import { EngineFailure } from './engine/errors.ts';

/** An expected failure on its way to the window, where it arrives as a value. */
export class AppFailure extends Error {
  readonly error: AppError;

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.name = 'AppFailure';
    this.error = hint === undefined ? { code, message } : { code, message, hint };
  }

  static from(error: AppError): AppFailure {
    return new AppFailure(error.code, error.message, error.hint);
  }
}

/** Any failure, in the window's words; what nobody expected is `internal`. */
export function toAppError(cause: unknown): AppError {
  if (cause instanceof AppFailure) return cause.error;
  if (cause instanceof EngineFailure) return cause.toError();
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_SQLITE_ERROR') {
    return {
      code: 'store-failed',
      message: `The chats could not be saved: ${text}`,
      hint: 'Check that the disk has room and that the folder may be written to. What is on the screen is not lost while the window is open.',
    };
  }
  return {
    code: 'internal',
    message: `Wyvern could not do this: ${text}`,
    hint: 'Try again. If it happens twice, start Wyvern with WYVERN_LOG=debug and look at the log.',
  };
}
