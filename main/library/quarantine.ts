/**
 * Programs that ended the engine twice, while they were loaded or in their first answer, are not loaded by themselves any
 * more. They are known by their hash: a copy of the file, or the file in another place, is the same program.
 */
import { AppFailure } from '../failure.ts';
import type { CrashTable } from '../store/crashes.ts';

export interface QuarantineDependencies {
  readonly table: CrashTable;
  readonly sizeOf: (path: string) => Promise<number>;
  /** SHA-256 of a file, from what is known of it or by reading it. */
  readonly hashOf: (path: string) => Promise<string>;
}

export class Quarantine {
  /** This many deaths in a row are no accident. */
  static readonly crashes = 2;
  readonly #with: QuarantineDependencies;

  constructor(dependencies: QuarantineDependencies) {
    this.#with = dependencies;
  }

  /** @throws AppFailure `model-quarantined` */
  async check(program: string): Promise<void> {
    if ((await this.#count(program)) < Quarantine.crashes) return;
    throw new AppFailure(
      'model-quarantined',
      `The engine ended unexpectedly ${Quarantine.crashes} times with this model, while loading it or in its first answer, so it is not loaded by itself any more.`,
      'Compare the file with the original, or load another model. “Load anyway” tries it once more.',
    );
  }

  /** What is known already, for lists: `sha256` of a program, if it has been computed. */
  holds(sha256: string | undefined): boolean {
    return sha256 !== undefined && this.#with.table.count(sha256) >= Quarantine.crashes;
  }

  /** The engine died over this program. */
  async crashed(program: string): Promise<void> {
    const [bytes, sha256] = await Promise.all([this.#with.sizeOf(program), this.#with.hashOf(program)]);
    this.#with.table.add(sha256, bytes);
  }

  /** It answered: what was counted before was not its fault, or is over. */
  async answered(program: string): Promise<void> {
    if (this.#with.table.hasSize(await this.#with.sizeOf(program))) {
      this.#with.table.clear(await this.#with.hashOf(program));
    }
  }

  async #count(program: string): Promise<number> {
    // Most have never crashed: their gigabytes are not read to know it.
    if (!this.#with.table.hasSize(await this.#with.sizeOf(program))) return 0;
    return this.#with.table.count(await this.#with.hashOf(program));
  }
}
