/** The machine of a simulated life: virtual time, a virtual disk, and the app's process, which ends in every way. */
import { mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toAppError } from '../../main/app-error.ts';
import { createHandlers } from '../../main/handlers.ts';
import { createServices, type Services } from '../../main/services.ts';
import { emitTo, type Handlers, serve } from '../../main/shell/ipc.ts';
import { windowlessSystem } from '../../main/testing/windowless-system.ts';
import type { Dice } from '../../native/test/random.ts';
import { diskAfterCrash, diskAfterPowerCut, readChanges, type Disk, type Wear } from './disk.ts';
import { SimulatedEngine } from './engine.ts';
import { VirtualTime } from './virtual-time.ts';

/** The virtual disk: see `native/test/disk-log`. */
export interface Places {
  readonly root: string;
  readonly log: string;
  /** The folder of a model, on a disk that does not fail. */
  readonly model: string;
  /** The window's state, made by `build-page.ts`. */
  readonly page: string;
}

/** The page as the main process sees it. */
type Contents = NonNullable<ReturnType<Parameters<typeof emitTo>[0]>>;

export interface Process {
  readonly services: Services;
  readonly engines: readonly SimulatedEngine[];
}

export class Machine {
  readonly time = new VirtualTime();
  readonly #places: Places;
  readonly #random: Dice;
  #disk: Disk = new Map();
  #starts = 0;

  constructor(places: Places, random: Dice) {
    this.#places = places;
    this.#random = random;
  }

  /**
   * Starts the app on the disk as it is.
   * @param contents The page at each moment; undefined: none
   * @param onFault A call failed in a way that no code names.
   */
  start(contents: () => Contents | undefined, onFault: (cause: unknown) => void): Process {
    this.#starts += 1;
    const path = this.#pathOf(this.#starts);
    mkdirSync(dirname(path), { recursive: true });
    const old = dirname(this.#pathOf(this.#starts - 1));
    const moved = [...this.#disk].map(([name, bytes]) => [name.replace(old, dirname(path)), bytes] as const);
    this.#disk = new Map(moved.filter(([name]) => !name.endsWith('-shm')));
    for (const [name, bytes] of this.#disk) {
      mkdirSync(dirname(name), { recursive: true });
      writeFileSync(name, bytes);
    }
    truncateSync(this.#places.log);
    const engines: SimulatedEngine[] = [];
    const system = windowlessSystem(dirname(path), {
      clock: this.time.clock,
      emit: emitTo(contents),
      fork: () => {
        const engine = new SimulatedEngine(this.#random);
        engines.push(engine);
        return engine;
      },
    });
    const services = createServices(system);
    serve(reporting(createHandlers(services), onFault), () => true);
    return { services, engines };
  }

  setFull(isFull: boolean): void {
    try {
      openSync(join(this.#places.root, isFull ? '.full' : '.roomy'), 'r');
    } catch {
      // The library takes the name as an order, and the file does not exist.
    }
  }

  /** The process ends now, and the system writes everything. */
  crash(): void {
    this.#disk = diskAfterCrash(this.#disk, this.#changes());
  }

  cutPower(wear: Wear): void {
    const changes = this.#changes();
    const wears = changes.some(({ kind }) => kind === 'W') ? wear : 'none';
    this.#disk = diskAfterPowerCut(this.#disk, changes, wears, this.#random);
  }

  /** Removes all disks. */
  clear(): void {
    for (let start = 1; start <= this.#starts; start += 1)
      rmSync(dirname(this.#pathOf(start)), { recursive: true, force: true });
  }

  #changes(): ReturnType<typeof readChanges> {
    return readChanges(readFileSync(this.#places.log));
  }

  #pathOf(start: number): string {
    return join(this.#places.root, `disk-${start}`, 'wyvern.sqlite');
  }
}

/** The same handlers, which also report faults. They add no turn of the event loop, which would change the order of events. */
function reporting(handlers: Handlers, onFault: (cause: unknown) => void): Handlers {
  const check = (cause: unknown): void => {
    if (toAppError(cause).code === 'internal') onFault(cause);
  };
  const entries = Object.entries(handlers).map(([name, handle]: [string, (input: never) => unknown]) => [
    name,
    (input: never): unknown => {
      try {
        const value = handle(input);
        if (value instanceof Promise) value.catch(check);
        return value;
      } catch (cause) {
        check(cause);
        throw cause;
      }
    },
  ]);
  // The names and types are those of the handlers.
  return Object.fromEntries(entries) as Handlers;
}
