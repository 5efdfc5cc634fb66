/** Entry of the server process: passes messages between the main process and the HTTP part. */
import { AppFailure } from '../failure.ts';
import { Pacer } from '../engine/pacer.ts';
import { ProcessAccess } from './process-access.ts';
import type { ServerEvent, ServerRequest } from './protocol.ts';
import { LocalServer } from './server.ts';

/** The used part of Electron's `process.parentPort`. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

/** A flood of requests sends the log at most this often. */
const logIntervalMs = 200;

function serve(port: ParentPort): void {
  const post = (event: ServerEvent): void => port.postMessage(event);
  let access: ProcessAccess | undefined;
  let server: LocalServer | undefined;
  const logPacer = new Pacer(logIntervalMs, () => post({ type: 'log', entries: server?.entries ?? [] }));

  const start = async (request: Extract<ServerRequest, { type: 'start' }>): Promise<void> => {
    access = new ProcessAccess(request.model, post);
    try {
      server = await LocalServer.start({
        port: request.port,
        token: request.token,
        access,
        onLog: () => logPacer.want(),
      });
      post({ type: 'listening', port: server.port });
    } catch (cause) {
      if (!(cause instanceof AppFailure)) throw cause;
      post({ type: 'failed', error: cause.error });
    }
  };

  const handle = (request: ServerRequest): void => {
    switch (request.type) {
      case 'start':
        void start(request);
        break;
      case 'token':
        server?.renewToken(request.token);
        break;
      case 'model':
        access?.change(request.model);
        break;
      case 'part':
        access?.receive(request.id, request.part);
        break;
      case 'shutdown':
        void Promise.resolve(server?.close()).finally(() => process.exit(0));
        break;
      default:
        request satisfies never;
    }
  };

  // The main process is from the same build, so its messages have this type.
  port.on('message', ({ data }) => handle(data as ServerRequest));
}

/** Electron's port. Electron's types are not available here. */
const { parentPort } = process as { readonly parentPort?: ParentPort };
if (parentPort) serve(parentPort);
