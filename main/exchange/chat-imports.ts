/** Chats that come into Wyvern: files are recognised by their content, read piece by piece, and told of in a report. */
import { setImmediate } from 'node:timers/promises';
import type { ChatFormat, ChatImportProgress, ChatImportReport } from '../../preload/contract.ts';
import { toAppError } from '../app-error.ts';
import { AppFailure } from '../failure.ts';
import { readChats, recogniseChats } from './import/read-chats.ts';
import { Report } from './import/report.ts';
import { asReadError, type ChatSource, openSources } from './import/sources.ts';
import { writeChat } from './import/write-chat.ts';
import type { ChatStore } from './read-chat.ts';

export interface ChatImportDependencies {
  readonly store: ChatStore;
  /** Asks for files, or a folder, with the system's dialog; empty if the person cancels. */
  readonly chooseFiles: (folder: boolean) => Promise<readonly string[]>;
  /** Undefined: nothing is being imported. */
  readonly onProgress: (progress: ChatImportProgress | undefined) => void;
}

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<ChatImportReport>;
}

const progressEveryMs = 100;
/** Of a folder or archive as many files are looked at to tell whether it has chats. */
const mostLookedAt = 50;

export class ChatImports {
  readonly #with: ChatImportDependencies;
  #running: Running | undefined;

  constructor(dependencies: ChatImportDependencies) {
    this.#with = dependencies;
  }

  /** Which of what was dropped holds chats, by its content. What cannot be read holds none. */
  async recognise(paths: readonly string[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const path of paths) if (await holdsChats(path)) found.push(path);
    return found;
  }

  /** @returns undefined if the person cancelled the dialog. @throws as {@link import} */
  async choose(folder: boolean): Promise<ChatImportReport | undefined> {
    this.#requireIdle();
    const paths = await this.#with.chooseFiles(folder);
    return paths.length > 0 ? await this.import(paths) : undefined;
  }

  /**
   * Reads the files and adds their chats, each in one transaction. What is wrong with a file or a chat is in the report, and
   * the others come in all the same.
   * @throws AppFailure `chats-import-running`
   */
  async import(paths: readonly string[]): Promise<ChatImportReport> {
    this.#requireIdle();
    const stop = new AbortController();
    const done = this.#run(paths, stop.signal).finally(() => {
      this.#running = undefined;
      this.#with.onProgress(undefined);
    });
    this.#running = { stop, done };
    return await done;
  }

  /** What has come in stays. Resolves when no more does. */
  async cancel(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.done.catch(() => undefined);
  }

  async #run(paths: readonly string[], signal: AbortSignal): Promise<ChatImportReport> {
    const sources = await openSources(paths);
    const report = new Report();
    try {
      for (const { name, error } of sources.failed) report.fail({ name }, undefined, error);
      const counted = this.#counter(sources.files, report);
      for (const file of sources.files) {
        if (signal.aborted || !(await this.#read(file, counted(file), report, signal))) break;
      }
      return report.finish(paths, signal.aborted);
    } finally {
      sources.close();
    }
  }

  /** @returns Whether the store can be written to */
  async #read(
    file: ChatSource,
    chunks: AsyncIterable<Uint8Array>,
    report: Report,
    signal: AbortSignal,
  ): Promise<boolean> {
    let format: ChatFormat | undefined;
    let isWritable = true;
    try {
      for await (const found of readChats(chunks, file.time)) {
        if (signal.aborted) break;
        format ??= found.format;
        isWritable = false;
        report.take(file, found, (incoming) => writeChat(this.#with.store, incoming));
        isWritable = true;
        // Others want the process too: each chat is a moment of its own.
        await setImmediate();
      }
    } catch (cause) {
      report.fail(file, format, isWritable ? asReadError(cause) : toAppError(cause));
    }
    return isWritable;
  }

  /** Tells how far it is while chunks are read. */
  #counter(files: readonly ChatSource[], report: Report): (file: ChatSource) => AsyncIterable<Uint8Array> {
    const { onProgress } = this.#with;
    const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
    let bytesDone = 0;
    let toldAt = Number.NEGATIVE_INFINITY;
    return async function* (file) {
      const before = bytesDone;
      for await (const chunk of file.chunks()) {
        const now = performance.now();
        if (now - toldAt >= progressEveryMs) {
          toldAt = now;
          onProgress({ name: file.name, bytesDone, bytesTotal, chats: report.chats });
        }
        yield chunk;
        bytesDone += chunk.length;
      }
      // What was not read to its end counts all the same.
      bytesDone = before + file.bytes;
    };
  }

  #requireIdle(): void {
    if (!this.#running) return;
    throw new AppFailure(
      'chats-import-running',
      'Other chats are being imported.',
      'Wait until that is done, or cancel it.',
    );
  }
}

async function holdsChats(path: string): Promise<boolean> {
  const sources = await openSources([path]);
  try {
    for (const file of sources.files.slice(0, mostLookedAt)) {
      if ((await recogniseChats(file.chunks())) !== undefined) return true;
    }
  } catch {
    // What cannot be read holds none.
  } finally {
    sources.close();
  }
  return false;
}
