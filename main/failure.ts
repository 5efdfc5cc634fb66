import type { AppError, ErrorCode } from '../preload/contract.ts';

/** An expected failure. The window gets it as a value. */
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

/** The error of a file that could not be written. */
export function fileNotWritten(cause: unknown): AppFailure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppFailure(
    'file-not-written',
    `The file could not be written: ${why}`,
    'Choose a folder where you may write and that has free space.',
  );
}
