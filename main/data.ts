/** The chat store for the window: its size, its backups, and restoring one. */
import { dirname } from 'node:path';
import type { BackupReason, CallOutputs, DataFacts } from '../preload/contract.ts';
import { AppFailure } from './failure.ts';
import { log } from './log.ts';
import { StoreDamagedError } from './store/sqlite-errors.ts';
import type { Store } from './store/store.ts';

export interface DataDependencies {
  readonly store: Pick<Store, 'backups' | 'bytes' | 'salvaged' | 'conversations'>;
  /** Path of the store. */
  readonly path: string;
  /** Resolves when nothing writes to the store. @throws AppFailure `answer-running` */
  readonly pause: () => Promise<void>;
  /** Called after the store file was replaced. */
  readonly onReplaced: () => Promise<void>;
  readonly now?: () => number;
}

/** Interval of the check for a new day, for an app that is never closed. */
const lookIntervalMs = 3_600_000;
/** The first check waits until the app has started. */
const firstLookMs = 20_000;

export class Data {
  readonly #with: DataDependencies;
  readonly #now: () => number;
  /** Only one operation on the file runs at a time. */
  #work: Promise<unknown> = Promise.resolve();
  #timers: readonly NodeJS.Timeout[] = [];

  constructor(dependencies: DataDependencies) {
    this.#with = dependencies;
    this.#now = dependencies.now ?? Date.now;
  }

  get(): DataFacts {
    const { store, path } = this.#with;
    const salvage = store.salvaged();
    return {
      folder: dirname(path),
      bytes: store.bytes(),
      backups: store.backups.list(),
      ...(salvage && { salvage }),
    };
  }

  /** @throws the system's own error */
  async backUp(reason: BackupReason = 'person'): Promise<CallOutputs['data.backUp']> {
    await this.#inTurn(() => this.#with.store.backups.make(reason));
    return this.get();
  }

  /** @throws AppFailure `answer-running`, `backup-not-found`, `backup-damaged`, `store-too-new`, with nothing changed */
  async restore(id: string): Promise<void> {
    await this.#inTurn(async () => {
      await this.#with.pause();
      if (await this.#restored(id)) return;
      throw new AppFailure('backup-not-found', 'This backup no longer exists.', 'Choose another one.');
    });
    await this.#with.onReplaced();
  }

  /** Makes a backup each day in the background. */
  start(): void {
    const look = (): void => void this.backUpDaily();
    this.#timers = [setTimeout(look, firstLookMs), setInterval(look, lookIntervalMs)];
    for (const timer of this.#timers) timer.unref();
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#work.catch(() => undefined);
  }

  /** Whether there are chats and today has no backup yet. */
  async backUpDaily(): Promise<void> {
    const { conversations, backups } = this.#with.store;
    const day = (time: number): string => new Date(time).toDateString();
    try {
      const isDone = backups
        .list()
        .some(({ reason, createdAt }) => reason === 'daily' && day(createdAt) === day(this.#now()));
      const isEmpty = conversations.list(1).length + conversations.pinned().length === 0;
      if (!isDone && !isEmpty) await this.#inTurn(() => backups.make('daily'));
    } catch (cause) {
      log('error', 'The backup of today could not be made', cause);
    }
  }

  async #restored(id: string): Promise<boolean> {
    try {
      return await this.#with.store.backups.restore(id);
    } catch (cause) {
      if (!(cause instanceof StoreDamagedError)) throw cause;
      throw new AppFailure(
        'backup-damaged',
        `This backup cannot be read: ${cause.message}. Nothing was changed.`,
        'Choose another one.',
      );
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#work.catch(() => undefined).then(work);
    this.#work = turn;
    return await turn;
  }
}
