/** Errors of the server in OpenAI's shape. Each names what happened, why, and what to do next. */
import type { AppError, ErrorCode } from '../../preload/contract.ts';

/** Codes of the server itself. Errors of the engine and the app keep their own codes. */
type ServerCode =
  | 'token-invalid'
  | 'host-refused'
  | 'origin-refused'
  | 'route-unknown'
  | 'method-wrong'
  | 'request-malformed'
  | 'request-slow'
  | 'headers-too-large'
  | 'body-too-large'
  | 'body-invalid'
  | 'value-invalid'
  | 'value-unsupported'
  | 'model-unknown'
  | 'queue-full';

export type ApiCode = ServerCode | ErrorCode;

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ApiCode;
  /** The field of the request that caused the error. */
  readonly param: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message what happened, why, and what to do next */
  constructor(
    status: number,
    code: ApiCode,
    message: string,
    { param, headers = {} }: { readonly param?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
    this.headers = headers;
  }

  /** https://platform.openai.com/docs/guides/error-codes */
  get body(): object {
    return { error: { message: this.message, type: typeOf(this.status), param: this.param ?? null, code: this.code } };
  }
}

/** OpenAI's `type` of an error. */
function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** Errors that the client can correct. */
const ofRequest: ReadonlySet<ErrorCode> = new Set([
  ...(['prompt-empty', 'prompt-invalid', 'prompt-too-long', 'option-invalid', 'template-invalid'] as const),
]);
/** Errors that end when a person or time changes the app's state. */
const ofState: ReadonlySet<ErrorCode> = new Set([
  ...(['not-loaded', 'model-not-loaded', 'busy', 'engine-lost', 'out-of-memory', 'memory-short'] as const),
]);

export function fromAppError({ code, message, hint }: AppError): ApiError {
  const status = ofRequest.has(code) ? 400 : ofState.has(code) ? 503 : 500;
  return new ApiError(status, code, hint === undefined ? message : `${message} ${hint}`);
}

export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError(500, 'internal', `Something went wrong inside Wyvern: ${reason} Please report this.`);
}

export function unsupported(param: string, message: string): ApiError {
  return new ApiError(400, 'value-unsupported', message, { param });
}

export function invalid(param: string, message: string): ApiError {
  return new ApiError(400, 'value-invalid', message, { param });
}
