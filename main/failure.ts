import type { AppError, ErrorCode } from '../preload/contract.ts';

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

/** Why a file that the person asked for is not there. */
export function fileNotWritten(cause: unknown): AppFailure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppFailure(
    'file-not-written',
    `The file could not be written: ${why}`,
    'Choose a folder that you may write to and that has room.',
  );
}
