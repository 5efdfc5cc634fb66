/** The result of an import, by the named files; for folders and archives, by format. */
import { basename } from 'node:path';
import type { AppError, ChatFormat, ChatImportFile, ChatImportReport, ChatProblem } from '../../../preload/contract.ts';
import { LeftOutTally } from './left-out.ts';
import { type Found, notRecognised } from './read-chats.ts';
import type { ChatSource } from './sources.ts';
import type { WrittenChat } from './write-chat.ts';

/** Further problems are counted, not listed. */
const mostProblems = 20;

class Tally {
  readonly name: string;
  readonly format: ChatFormat | undefined;
  readonly #leftOut = new LeftOutTally();
  readonly #problems: ChatProblem[] = [];
  #problemCount = 0;
  #chats = 0;
  #messages = 0;
  #known = 0;
  error: AppError | undefined;

  constructor(name: string, format: ChatFormat | undefined) {
    this.name = name;
    this.format = format;
  }

  add(written: WrittenChat, messages: number, leftOut: LeftOutTally): void {
    if (written.known) this.#known++;
    else {
      this.#chats++;
      this.#messages += messages;
      this.#leftOut.addAll(leftOut);
    }
  }

  problem(problem: ChatProblem): void {
    this.#problemCount++;
    if (this.#problems.length < mostProblems) this.#problems.push(problem);
  }

  file(): ChatImportFile {
    return {
      name: this.name,
      ...(this.format !== undefined && { format: this.format }),
      chats: this.#chats,
      messages: this.#messages,
      known: this.#known,
      leftOut: this.#leftOut.list(),
      problems: this.#problems,
      problemCount: this.#problemCount,
      ...(this.error && { error: this.error }),
    };
  }
}

export class Report {
  readonly #tallies = new Map<string, Tally>();
  #latest: { readonly id: string; readonly updatedAt: number } | undefined;
  chats = 0;

  /** @param write adds a chat to the store. @throws the errors of `write` */
  take(
    source: ChatSource,
    found: Found,
    write: (incoming: Extract<Found, { incoming: unknown }>['incoming']) => WrittenChat,
  ): void {
    const tally = this.#of(source.container ?? source.name, found.format);
    if ('begins' in found) return;
    if (!('incoming' in found)) {
      const { title, error } = found;
      tally.problem({ ...inFile(source), ...(title !== undefined && { title }), error });
      return;
    }
    const { chat } = found.incoming;
    const written = write(found.incoming);
    tally.add(written, chat.messages.length, found.leftOut);
    if (!written.known) this.chats++;
    if (!this.#latest || chat.updatedAt > this.#latest.updatedAt) {
      this.#latest = { id: written.id, updatedAt: chat.updatedAt };
    }
  }

  /** Reports that a file, or the rest of it, was not read. In folders and archives, files without chats are not reported. */
  fail(source: Pick<ChatSource, 'name' | 'container'>, format: ChatFormat | undefined, error: AppError): void {
    if (source.container === undefined) this.#of(source.name, format).error = error;
    else if (error.code !== 'chats-not-recognised') {
      this.#of(source.container, format).problem({ ...inFile(source), error });
    }
  }

  finish(paths: readonly string[], cancelled: boolean): ChatImportReport {
    for (const name of paths.map((path) => basename(path))) {
      const isThere = [...this.#tallies.values()].some((tally) => tally.name === name);
      if (!isThere && !cancelled) this.#of(name, undefined).error = notRecognised();
    }
    return {
      files: [...this.#tallies.values()].map((tally) => tally.file()),
      cancelled,
      ...(this.#latest && { openId: this.#latest.id }),
    };
  }

  #of(name: string, format: ChatFormat | undefined): Tally {
    const key = `${format ?? ''}:${name}`;
    const tally = this.#tallies.get(key) ?? new Tally(name, format);
    this.#tallies.set(key, tally);
    return tally;
  }
}

function inFile({ name, container }: Pick<ChatSource, 'name' | 'container'>): { readonly file?: string } {
  return container === undefined ? {} : { file: name };
}
