/** Reads documents, one after the other, each in a process of its own. */
import type { DocumentKind } from '../../preload/contract/values.ts';
import type { Clock } from '../clock.ts';
import { AppFailure } from '../failure.ts';
import { log } from '../log.ts';
import type { Fault, Outcome, Task } from './protocol.ts';

/** Electron or a test forks it. */
export interface DocumentProcess {
  post(task: Task): void;
  onOutcome(listener: (outcome: Outcome) => void): void;
  /** Called once; `code` is the exit status or the signal that ended it. */
  onExit(listener: (code: number) => void): void;
  /** Ends the process at once, whatever it is doing. */
  destroy(): void;
}

export interface Document {
  readonly name: string;
  readonly kind: DocumentKind;
  readonly bytes: Uint8Array;
}

/** A document of a thousand pages takes a few seconds. */
const longestMs = 60_000;

export class DocumentReader {
  readonly #fork: () => DocumentProcess;
  readonly #clock: Clock;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ fork, clock }: { readonly fork: () => DocumentProcess; readonly clock: Clock }) {
    this.#fork = fork;
    this.#clock = clock;
  }

  /**
   * @returns the text as Markdown, with a line at the beginning of each page, slide and sheet
   * @throws AppFailure `document-…`
   */
  async read(document: Document): Promise<{ readonly text: string }> {
    const before = this.#last;
    const reading = (async () => {
      await before;
      return await this.#readNow(document);
    })();
    this.#last = reading.catch(() => undefined);
    return await reading;
  }

  async #readNow({ name, kind, bytes }: Document): Promise<{ readonly text: string }> {
    const child = this.#fork();
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    child.onOutcome(resolve);
    let isRead = false;
    child.onExit((code) => {
      if (!isRead) log('warning', `The process that read a document ended with ${code}`);
      reject(failureOf('unreadable', name));
    });
    const stop = this.#clock.every(longestMs, () => reject(tooSlow(name)));
    child.post({ kind, bytes });
    try {
      const outcome = await promise;
      if (outcome.ok) return { text: outcome.text };
      if (outcome.detail !== undefined) log('info', `A document could not be read: ${outcome.detail}`);
      throw failureOf(outcome.fault, name);
    } finally {
      isRead = true;
      stop();
      child.destroy();
    }
  }
}

function failureOf(fault: Fault, name: string): AppFailure {
  switch (fault) {
    case 'unreadable':
      return new AppFailure(
        'document-unreadable',
        `“${name}” could not be read: it is damaged, or its ending does not fit its contents.`,
        'Open it in the program that made it, and save it again or as a PDF.',
      );
    case 'protected':
      return new AppFailure(
        'document-protected',
        `“${name}” has a password, or an old format of Office.`,
        'Save a copy without a password, in a format such as .docx, .xlsx or .pdf.',
      );
    case 'without-text':
      return new AppFailure(
        'document-without-text',
        `“${name}” has no text. Its pages may be pictures.`,
        'Recognise the text with another program first.',
      );
    case 'too-large':
      return new AppFailure(
        'document-too-large',
        `“${name}” is too large to be read.`,
        'Attach the part that your question is about.',
      );
  }
}

function tooSlow(name: string): AppFailure {
  return new AppFailure(
    'document-too-slow',
    `Reading “${name}” took longer than ${longestMs / 1000} seconds and was stopped.`,
    'Attach the part that your question is about.',
  );
}
