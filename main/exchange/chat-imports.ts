/** Imports chats: recognises files by their content, reads them piece by piece, and reports the result. */
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
  /** Opens the system's dialog for files or a folder; empty if the person cancels. */
  readonly chooseFiles: (folder: boolean) => Promise<readonly string[]>;
  /** Undefined: no import runs. */
  readonly onProgress: (progress: ChatImportProgress | undefined) => void;
}

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<ChatImportReport>;
}

const progressEveryMs = 100;
/** Files of a folder or archive that are read to find out whether it contains chats. */
const mostLookedAt = 50;

export class ChatImports {
  readonly #with: ChatImportDependencies;
  #running: Running | undefined;

  constructor(dependencies: ChatImportDependencies) {
    this.#with = dependencies;
  }

  /** The dropped files that contain chats. Unreadable files contain none. */
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
   * Reads the files and adds their chats, each in one transaction. The report lists faulty files and chats; all others are
   * imported.
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

  /** Chats that were imported stay. Resolves when the import has ended. */
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

  /** @returns whether the store accepts writes */
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
        // The process has other work. It runs between two chats.
        await setImmediate();
      }
    } catch (cause) {
      report.fail(file, format, isWritable ? asReadError(cause) : toAppError(cause));
    }
    return isWritable;
  }

  /** Reports progress while chunks are read. */
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
      // A file that was not read to its end counts completely.
      bytesDone = before + file.bytes;
    };
  }

  #requireIdle(): void {
    if (!this.#running) return;
    throw new AppFailure('chats-import-running', 'Another import is running.', 'Wait until it is done, or cancel it.');
  }
}

async function holdsChats(path: string): Promise<boolean> {
  const sources = await openSources([path]);
  try {
    for (const file of sources.files.slice(0, mostLookedAt)) {
      if ((await recogniseChats(file.chunks())) !== undefined) return true;
    }
  } catch {
    // An unreadable file contains no chats.
  } finally {
    sources.close();
  }
  return false;
}
