/**
 * Peers that run the same model: our engine and the engines that we compare it with. Each is its own process, so that
 * thread pools do not interfere, and exchanges one JSON object per line (see {@link PeerRequest}).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export type PeerRequest =
  /** Run `tokens` prompt tokens through an empty cache. */
  | { readonly do: 'prefill'; readonly tokens: number }
  /** Generate `tokens` tokens, one at a time, greedily, after a short prompt. The time excludes the prompt. */
  | { readonly do: 'decode'; readonly tokens: number }
  /** The same without JavaScript between the tokens; only our engine. */
  | { readonly do: 'loop'; readonly tokens: number };

/** Milliseconds of the request: on the clock, and of the peer's processor time. */
export interface PeerAnswer {
  readonly ms: number;
  readonly cpuMs: number;
}

export class Peer {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string, undefined>;
  #said = '';
  #loading: PeerAnswer | undefined;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    if (child.stdout === null || child.stderr === null) throw new TypeError('A peer needs its output piped.');
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said = (this.#said + text).slice(-4000)));
  }

  /**
   * Starts a peer and waits until its model is loaded.
   * @throws Error with the peer's output, if it ends.
   */
  static async start(name: string, command: string, args: readonly string[], cwd?: string): Promise<Peer> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    const peer = new Peer(name, child);
    peer.#loading = await Promise.race([peer.#answer(), failed]);
    return peer;
  }

  /** The times of loading the model, with the engine's libraries. */
  get loading(): PeerAnswer {
    return this.#loading ?? { ms: Number.NaN, cpuMs: Number.NaN };
  }

  async measure(request: PeerRequest): Promise<PeerAnswer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return await this.#answer();
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await ended;
  }

  async #answer(): Promise<PeerAnswer> {
    for (;;) {
      const line = await this.#answers.next();
      if (line.done === true) throw new Error(`${this.name} ended early.\n${this.#said}`);
      // A peer's libraries may print their own lines.
      if (line.value.startsWith('{"ms":')) return JSON.parse(line.value) as PeerAnswer;
    }
  }
}
