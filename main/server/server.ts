/**
 * The local server: OpenAI's interface to the loaded model, on 127.0.0.1 alone. This room is the only one that opens a socket.
 * `node:http` reads and bounds HTTP; nothing here parses it.
 */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import type { ServerLogEntry } from '../../preload/contract.ts';
import { readBody } from './body.ts';
import { AppFailure } from '../failure.ts';
import { ApiError, asApiError } from './errors.ts';
import { checkHead, loopback } from './gate.ts';
import type { ModelAccess } from './protocol.ts';
import { RequestLog, type EntryChange } from './request-log.ts';
import { Responder } from './responder.ts';
import { Routes, type Exchange } from './routes.ts';

/** Bounds of a connection. An answer itself may take any time. */
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};
/** Clients keep a few connections; more than these are closed at once. */
export const mostConnections = 128;
/** A client that does not read its response, ms. */
const drainTimeoutMs = 30_000;

export interface LocalServerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly token: string;
  readonly access: ModelAccess;
  /** Origins of web pages that may send requests; none by default. */
  readonly origins?: readonly string[];
  readonly onError?: (error: Error) => void;
  /** An entry of the log is new or has changed. */
  readonly onLog?: (entry: ServerLogEntry) => void;
  readonly timeouts?: Partial<Pick<typeof limits, 'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval'>>;
}

/** nginx's status for a client that left before the response ended; never sent. */
const leftStatus = 499;
const clientLeft = new Error('The client left.');

type Handler = (exchange: Exchange, request: IncomingMessage) => Promise<void>;

interface Route {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly handle: Handler;
}

export class LocalServer {
  readonly #http: Server;
  readonly #log: RequestLog;
  readonly #routes: Routes;
  readonly #origins: ReadonlySet<string>;
  /** The responses that have not ended. */
  readonly #responses = new WeakMap<Socket, ServerResponse>();
  #token: string;

  private constructor({ token, access, origins = [], onLog = () => undefined, timeouts }: LocalServerOptions) {
    this.#token = token;
    this.#routes = new Routes(access);
    this.#origins = new Set(origins);
    this.#log = new RequestLog(onLog);
    this.#http = createServer({ ...limits, ...timeouts, requireHostHeader: false });
    this.#http.maxConnections = mostConnections;
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.#handle(request, response);
    // Node would ask for the body before the gate has seen the head.
    this.#http.on('request', handle).on('checkContinue', handle);
    this.#http.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (socket instanceof Socket) this.#refuseBytes(error, socket);
    });
  }

  /** @throws AppFailure `server-port-taken`, `server-failed` */
  static async start(options: LocalServerOptions): Promise<LocalServer> {
    const server = new LocalServer(options);
    const listening = Promise.withResolvers<undefined>();
    const { onError = () => undefined } = options;
    const http = server.#http;
    http.once('error', (error: NodeJS.ErrnoException) => listening.reject(cannotListen(error, options.port)));
    http.listen({ host: loopback, port: options.port, exclusive: true }, () => listening.resolve(undefined));
    await listening.promise;
    // A failed accept, for example without free file descriptors, costs that connection.
    http.on('error', (error) => onError(error));
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get entries(): readonly ServerLogEntry[] {
    return this.#log.entries;
  }

  /** Open connections. */
  async connections(): Promise<number> {
    const counted = Promise.withResolvers<number>();
    this.#http.getConnections((error, count) => (error === null ? counted.resolve(count) : counted.reject(error)));
    return await counted.promise;
  }

  /** Requests from now on need this token. */
  renewToken(token: string): void {
    this.#token = token;
  }

  /** Ends every connection. Running answers are stopped. */
  async close(): Promise<void> {
    const closed = Promise.withResolvers<undefined>();
    this.#http.close(() => closed.resolve(undefined));
    this.#http.closeAllConnections();
    await closed.promise;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const responder = new Responder(response);
    const client = new AbortController();
    this.#responses.set(socket, response);
    // A stream may fail when its client leaves. `close` reports that.
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    response.once('close', () => {
      this.#responses.delete(socket);
      if (!response.writableFinished) client.abort(clientLeft);
    });
    let route: Route | undefined;
    let note: ((change: EntryChange) => void) | undefined;
    try {
      checkHead(request.headers, { port: this.port, token: this.#token, origins: this.#origins });
      route = this.#route(request);
      if (route.method === 'POST') note = this.#log.begin(route.name);
      if (request.headers.expect !== undefined) response.writeContinue();
      await route.handle({ responder, signal: client.signal, note: note ?? (() => undefined) }, request);
      if (note === undefined) this.#log.answered(route.name, response.statusCode);
      else note({ state: 'done', ...(client.signal.aborted ? { status: leftStatus } : {}) });
    } catch (thrown) {
      const error = asApiError(thrown);
      const isGone = client.signal.aborted || (request.destroyed && !request.complete);
      const status = isGone
        ? { status: leftStatus }
        : { ...(responder.begun ? {} : { status: error.status }), code: error.code };
      if (note === undefined) this.#log.answered(route?.name ?? 'other', error.status, error.code);
      else note({ state: 'done', ...status });
      if (isGone) return;
      if (responder.begun) responder.failStream(error);
      else responder.error(error);
    } finally {
      const timer = setTimeout(() => socket.destroy(), drainTimeoutMs).unref();
      response.once('close', () => clearTimeout(timer));
      if (response.closed) clearTimeout(timer);
    }
  }

  /** Bytes that are no request, or that came too slowly. */
  #refuseBytes({ code }: NodeJS.ErrnoException, socket: Socket): void {
    const error =
      code === 'HPE_HEADER_OVERFLOW'
        ? new ApiError(
            431,
            'headers-too-large',
            `The headers have more than ${limits.maxHeaderSize} bytes. Shorten them.`,
          )
        : code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? new ApiError(408, 'request-slow', 'The request did not arrive in time. Send it again.')
          : new ApiError(400, 'request-malformed', 'This is not an HTTP request. Correct it and send again.');
    if (code !== 'ECONNRESET') this.#log.answered('other', error.status, error.code);
    if (!socket.writable || this.#responses.get(socket)?.headersSent === true) {
      socket.destroy();
      return;
    }
    const body = JSON.stringify(error.body);
    const head = [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
      ...[
        'Connection: close',
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
      ],
    ].join('\r\n');
    socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
  }

  /** @throws ApiError `route-unknown`, `method-wrong` */
  #route({ url = '', method = '' }: IncomingMessage): Route {
    const [path = ''] = url.split('?', 1);
    const routes = this.#routesOf(path);
    if (routes === undefined) {
      const known = '/v1/models, /v1/chat/completions and /v1/completions';
      throw new ApiError(404, 'route-unknown', `This server has no such route. It has ${known}.`);
    }
    if (routes.method === method) return routes;
    throw new ApiError(405, 'method-wrong', `This route takes ${routes.method}. Send the request with this method.`, {
      headers: { allow: routes.method },
    });
  }

  #routesOf(path: string): Route | undefined {
    if (path === '/v1/models') {
      return { name: 'GET /v1/models', method: 'GET', handle: (exchange) => this.#routes.models(exchange) };
    }
    if (path === '/v1/chat/completions') {
      const handle: Handler = async (exchange, request) => this.#routes.chat(await readBody(request), exchange);
      return { name: 'POST /v1/chat/completions', method: 'POST', handle };
    }
    if (path === '/v1/completions') {
      const handle: Handler = async (exchange, request) => this.#routes.completion(await readBody(request), exchange);
      return { name: 'POST /v1/completions', method: 'POST', handle };
    }
    const name = /^\/v1\/models\/(.+)$/.exec(path)?.[1];
    if (name === undefined) return undefined;
    const handle: Handler = async (exchange) => this.#routes.model(decoded(name), exchange);
    return { name: 'GET /v1/models/…', method: 'GET', handle };
  }
}

function cannotListen({ code, message }: NodeJS.ErrnoException, port: number): AppFailure {
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    const why = code === 'EACCES' ? 'needs rights that you do not have' : 'is in use by another program';
    return new AppFailure(
      'server-port-taken',
      `Port ${port} ${why}.`,
      'Choose another port, or close the other program.',
    );
  }
  return new AppFailure('server-failed', `The local server cannot start: ${message}.`, 'Try again with another port.');
}

/** The name in a path. A wrong escape names no model. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
