/** `protocol.handle`, which is of Electron 25, over the older call, and the `Response` that its handlers return (Node 18). */
import type { Protocol, ProtocolRequest } from 'electron';

/** As much of `Response` as `main/shell/app-scheme.ts` uses. */
class SmallResponse {
  readonly body: string | Uint8Array;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: string | Uint8Array, { status, headers }: { status: number; headers: Record<string, string> }) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }
}

/** As much of `Request`. */
type Handler = (request: Pick<ProtocolRequest, 'url' | 'method'>) => SmallResponse | Promise<SmallResponse>;

interface OlderProtocol {
  handle?: (scheme: string, handler: Handler) => void;
  registerBufferProtocol(
    scheme: string,
    handler: (request: ProtocolRequest, respond: (response: object) => void) => void,
  ): boolean;
}

export function addHandle(protocol: Protocol): void {
  const older = protocol as unknown as OlderProtocol;
  if (older.handle) return;
  Object.assign(globalThis, { Response: SmallResponse });
  older.handle = (scheme, handler) => {
    older.registerBufferProtocol(scheme, ({ url, method }, respond) => {
      void Promise.resolve(handler({ url, method })).then(({ body, status, headers }) => {
        respond({ statusCode: status, headers, mimeType: headers['content-type'], data: Buffer.from(body) });
      });
    });
  };
}
