/**
 * The local server as the main process sees it: forks its process while the setting is on, gives its requests to the engine,
 * and tells the window its state. While the setting is off, there is no process and no socket.
 */
import type { AppError, Emit, ModelState, ServerLogEntry, ServerState, Settings } from '../../preload/contract.ts';
import { log } from '../log.ts';
import { loopback } from '../server/gate.ts';
import type { ServerEvent } from '../server/protocol.ts';
import { ModelRequests, type ModelRequestsDependencies } from './model-requests.ts';
import type { ServerProcess } from './server-process.ts';
import type { TokenFile } from './token-file.ts';

export interface ServerHostDependencies extends ModelRequestsDependencies {
  readonly fork: () => ServerProcess;
  readonly tokens: Pick<TokenFile, 'read' | 'renew'>;
  readonly settings: () => Pick<Settings, 'serverOn' | 'serverPort'>;
  readonly emit: Emit;
}

interface Running {
  readonly process: ServerProcess;
  readonly port: number;
  readonly exited: PromiseWithResolvers<undefined>;
  token: string;
}

/** Time for a process to end after it was asked to. */
const askedTimeoutMs = 2000;

const ended: AppError = {
  code: 'server-failed',
  message: 'The process of the local server ended unexpectedly.',
  hint: 'Turn the local server off and on again.',
};

export class ServerHost {
  readonly #with: ServerHostDependencies;
  readonly #requests: ModelRequests;
  #running: Running | undefined;
  #entries: readonly ServerLogEntry[] = [];
  #status: Pick<ServerState, 'status' | 'address' | 'error' | 'token'> = { status: 'off' };
  /** Changes come one after the other. */
  #changing: Promise<void> = Promise.resolve();

  constructor(dependencies: ServerHostDependencies) {
    this.#with = dependencies;
    this.#requests = new ModelRequests(dependencies);
  }

  get state(): ServerState {
    return { ...this.#status, answering: this.#with.turns.holder === 'server', entries: this.#entries };
  }

  /** Starts, ends or moves the server as the settings say. A server that failed is tried again. */
  async follow(): Promise<void> {
    await this.#inOrder(async () => {
      const { serverOn, serverPort } = this.#with.settings();
      if (this.#running !== undefined && serverOn && this.#running.port === serverPort) return;
      await this.#end();
      if (serverOn) await this.#start(serverPort);
    });
  }

  /** Replaces the token. */
  async renewToken(): Promise<ServerState> {
    await this.#inOrder(async () => {
      const token = await this.#with.tokens.renew();
      if (this.#running === undefined) return;
      this.#running.token = token;
      this.#running.process.post({ type: 'token', token });
      if (this.#status.status === 'on') this.#set({ ...this.#status, token });
    });
    return this.state;
  }

  /** The model that answers has another state. */
  modelChanged(state: ModelState): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#requests.status(state).then(
      (model) => {
        // A later state may have come in the meantime.
        if (state === this.#with.current.state) running.process.post({ type: 'model', model });
      },
      () => undefined,
    );
  }

  /** The model’s turn has passed to another party. */
  turnChanged(): void {
    if (this.#running !== undefined) this.#tell();
  }

  /** Resolves when no process is left. */
  async shutdown(): Promise<void> {
    await this.#inOrder(() => this.#end());
  }

  async #inOrder(change: () => Promise<void>): Promise<void> {
    this.#changing = this.#changing.then(change).catch((cause: unknown) => log('error', 'The local server', cause));
    await this.#changing;
  }

  async #start(port: number): Promise<void> {
    const token = await this.#with.tokens.read();
    const model = await this.#requests.status(this.#with.current.state).catch(() => ({ status: 'waiting' }) as const);
    const running: Running = { process: this.#with.fork(), port, token, exited: Promise.withResolvers() };
    this.#running = running;
    this.#set({ status: 'starting' });
    running.process.onEvent((event) => {
      if (running === this.#running) this.#handle(running, event);
    });
    running.process.onExit((code) => {
      running.exited.resolve(undefined);
      if (running !== this.#running) return;
      log('error', `The process of the local server ended (exit ${code})`);
      this.#fail(ended);
    });
    running.process.post({ type: 'start', port, token, model });
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#requests.stopAll();
    this.#set({ status: 'off' });
    if (running === undefined) return;
    running.process.post({ type: 'shutdown' });
    const timer = setTimeout(() => running.process.destroy(), askedTimeoutMs);
    await running.exited.promise;
    clearTimeout(timer);
  }

  #fail(error: AppError): void {
    const running = this.#running;
    this.#running = undefined;
    this.#requests.stopAll();
    this.#set({ status: 'failed', error });
    running?.process.destroy();
  }

  #handle(running: Running, event: ServerEvent): void {
    switch (event.type) {
      case 'listening':
        this.#set({ status: 'on', address: `http://${loopback}:${event.port}/v1`, token: running.token });
        break;
      case 'failed':
        this.#fail(event.error);
        break;
      case 'generate': {
        const { id } = event;
        void this.#requests.start(event, (part) => running.process.post({ type: 'part', id, part }));
        break;
      }
      case 'stop':
        this.#requests.stop(event.id);
        break;
      case 'log':
        this.#entries = event.entries;
        this.#tell();
        break;
      default:
        event satisfies never;
    }
  }

  #set(status: Pick<ServerState, 'status' | 'address' | 'error' | 'token'>): void {
    this.#status = status;
    this.#tell();
  }

  #tell(): void {
    this.#with.emit('server.changed', this.state);
  }
}
