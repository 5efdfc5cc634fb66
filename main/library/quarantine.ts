/**
 * Programs that crashed the engine twice, during the load or the first answer, are not loaded automatically any more. They are
 * identified by hash, so that a copy or a moved file is the same program.
 */
import { AppFailure } from '../failure.ts';
import type { CrashTable } from '../store/crashes.ts';

export interface QuarantineDependencies {
  readonly table: CrashTable;
  readonly sizeOf: (path: string) => Promise<number>;
  /** SHA-256 of a file, stored or computed. */
  readonly hashOf: (path: string) => Promise<string>;
}

export class Quarantine {
  /** This many crashes in a row put a program in quarantine. */
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
      `This model crashed the engine ${Quarantine.crashes} times while it loaded or gave its first answer, so Wyvern does not load it automatically.`,
      'Compare the file with the original, or load another model. “Load anyway” tries once more.',
    );
  }

  /** For lists: checks with the stored hash only, if there is one. */
  holds(sha256: string | undefined): boolean {
    return sha256 !== undefined && this.#with.table.count(sha256) >= Quarantine.crashes;
  }

  /** Counts a crash of this program. */
  async crashed(program: string): Promise<void> {
    const [bytes, sha256] = await Promise.all([this.#with.sizeOf(program), this.#with.hashOf(program)]);
    this.#with.table.add(sha256, bytes);
  }

  /** The program answered: resets its count. */
  async answered(program: string): Promise<void> {
    if (this.#with.table.hasSize(await this.#with.sizeOf(program))) {
      this.#with.table.clear(await this.#with.hashOf(program));
    }
  }

  async #count(program: string): Promise<number> {
    // Most programs never crashed. Their gigabytes are not hashed for this.
    if (!this.#with.table.hasSize(await this.#with.sizeOf(program))) return 0;
    return this.#with.table.count(await this.#with.hashOf(program));
  }
}
