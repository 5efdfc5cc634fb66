/** Writes one HTTP response: JSON, or a stream of server-sent events. */
import type { ServerResponse } from 'node:http';
import type { ApiError } from './errors.ts';

const safe = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export class Responder {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** A body that has begun cannot become another one. */
  get begun(): boolean {
    return this.#response.headersSent;
  }

  json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
    const text = JSON.stringify(body);
    this.#response
      .writeHead(status, {
        ...safe,
        ...headers,
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(text),
      })
      .end(text);
  }

  error({ status, body, headers }: ApiError): void {
    this.json(status, body, headers);
  }

  openStream(): void {
    this.#response.writeHead(200, { ...safe, 'content-type': 'text/event-stream; charset=utf-8' });
    this.#response.flushHeaders();
  }

  event(data: object): void {
    this.#response.write(`data: ${JSON.stringify(data)}\n\n`);
  }

  /** The end of a complete stream. */
  endStream(): void {
    this.#response.end('data: [DONE]\n\n');
  }

  /** The end of a stream that failed. Clients raise the error. */
  failStream(error: ApiError): void {
    this.event(error.body);
    this.#response.end();
  }
}
