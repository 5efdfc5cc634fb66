/** The error with which `loadURL` rejects: Chromium's code of the network error. */
export class NetworkError extends Error {
  readonly code: string;
  readonly url: string;

  /** @param cause the driver's error, which names the code */
  constructor(cause: unknown, url: string) {
    const [code = 'ERR_FAILED'] = /\bERR_[A-Z_]+/.exec(String(cause)) ?? [];
    super(`${code} loading '${url}'`, { cause });
    this.code = code;
    this.url = url;
  }
}
