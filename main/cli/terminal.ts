/** A prompt at a terminal, with history and the usual meaning of Ctrl+C. */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream & { readonly columns?: number };
}

/** Work that Ctrl+C stops. */
export interface Work {
  readonly run: () => Promise<void>;
  readonly stop: () => void;
}

export class Prompt {
  readonly #screen: Screen;
  readonly #lines: Interface;
  readonly #typed: string[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #work: Work | undefined;
  #stopping = false;
  #ended = false;

  /** @param abandon ends the process; called for a second Ctrl+C while work is being stopped */
  constructor({ input, output }: Terminal, abandon: () => void) {
    this.#screen = new Screen(output);
    this.#lines = createInterface({ input, output: this.#screen, terminal: true, prompt: '› ', historySize: 1000 });
    this.#lines.on('line', (line) => this.#take(line));
    this.#lines.on('close', () => this.#end());
    this.#lines.on('SIGINT', () => this.#interrupt(abandon));
  }

  /** The next line; undefined once the input has ended. */
  async next(): Promise<string | undefined> {
    const line = this.#typed.shift();
    if (line !== undefined) {
      this.#screen.write(`${this.#lines.getPrompt()}${line}\n`);
      return line;
    }
    if (this.#ended) return undefined;
    this.#screen.isOn = true;
    // Keeps the cursor: the person may have typed during the answer.
    this.#lines.prompt(true);
    return await new Promise((resolve) => (this.#waiting = resolve));
  }

  /** Lines that the person types meanwhile are not echoed; {@link next} returns them later. */
  async during(work: Work): Promise<void> {
    this.#work = work;
    this.#screen.isOn = false;
    try {
      await work.run();
    } finally {
      this.#work = undefined;
      this.#stopping = false;
      this.#screen.isOn = true;
    }
  }

  close(): void {
    this.#lines.close();
  }

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(line);
    else this.#typed.push(line);
  }

  #end(): void {
    this.#ended = true;
    if (!this.#work) this.#screen.write('\n');
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }

  #interrupt(abandon: () => void): void {
    if (this.#work && this.#stopping) abandon();
    else if (this.#work) {
      this.#stopping = true;
      this.#typed.length = 0;
      this.#work.stop();
    } else if (this.#lines.line === '') this.#lines.close();
    else {
      // Ctrl+E moves to the end of the line, Ctrl+U deletes to its beginning.
      this.#lines.write(null, { ctrl: true, name: 'e' });
      this.#lines.write(null, { ctrl: true, name: 'u' });
    }
  }
}

/** The terminal as readline writes to it: nothing appears while it is off. */
class Screen extends Writable {
  isOn = true;
  readonly #output: Terminal['output'];

  constructor(output: Terminal['output']) {
    super({ decodeStrings: false });
    this.#output = output;
    output.on('resize', () => this.emit('resize'));
  }

  get columns(): number | undefined {
    return this.#output.columns;
  }

  override _write(text: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.isOn) this.#output.write(text);
    done();
  }
}
