/** A promise that is tested many times: by `npm test` with a fixed number of cases, by `npm run torture` with more. */
import { inspect } from 'node:util';
import { type Dice, diceOf } from '../native/test/random.ts';

export interface Outcome {
  readonly cases: number;
  readonly survived: number;
  /** The number of broken parts of the promise. */
  readonly lost: number;
  /** The first few failed cases, each with the values that reproduce it. */
  readonly failures: readonly string[];
  /** More about the cases. */
  readonly note?: string;
}

export interface Trial {
  readonly cases: number;
  readonly seed: number;
  /** Whether another case may start. */
  readonly mayGoOn: () => boolean;
}

/** One file per promise; `all.ts` lists them. */
export interface TriedPromise {
  /** Name in SECURITY.md. */
  readonly id: string;
  readonly says: string;
  /** Number of cases in `npm test`. */
  readonly cases: number;
  /** Number of existing cases, if there is a limit. */
  readonly most?: number;
  /** Why this machine cannot test it. */
  readonly unable?: string | undefined;
  readonly attempt: (trial: Trial) => Promise<Outcome>;
}

const shownFailures = 5;

/**
 * Runs the cases, `width` at a time. A case that throws failed.
 * @param attempt Returns the loss.
 */
export async function tryCases(
  { cases, seed, mayGoOn }: Trial,
  attempt: (random: Dice, index: number) => number | Promise<number>,
  width = 1,
): Promise<Outcome> {
  const failures: string[] = [];
  let tried = 0;
  let survived = 0;
  let lost = 0;
  const work = async (): Promise<void> => {
    while (tried < cases && mayGoOn()) {
      const index = tried++;
      try {
        lost += await attempt(diceOf(seed, index), index);
        survived += 1;
      } catch (cause) {
        if (failures.length < shownFailures) failures.push(`seed ${seed}, case ${index}: ${inspect(cause)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return { cases: tried, survived, lost, failures };
}
