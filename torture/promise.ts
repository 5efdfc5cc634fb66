/** The form of a promise that is tried many times: by its test with the figures of every change, by `npm run torture` with larger ones. */
import { inspect } from 'node:util';
import { type Dice, diceOf } from '../native/test/random.ts';

export interface Outcome {
  readonly cases: number;
  readonly survived: number;
  /** What the promise says is kept and was not. */
  readonly lost: number;
  /** The first few cases that did not survive, each with what makes it happen again. */
  readonly failures: readonly string[];
  /** More about what was tried. */
  readonly note?: string;
}

export interface Trial {
  readonly cases: number;
  readonly seed: number;
  /** Whether another case may begin. */
  readonly mayGoOn: () => boolean;
}

/** One file a promise; `all.ts` lists them. */
export interface TriedPromise {
  /** As SECURITY.md names it. */
  readonly id: string;
  readonly says: string;
  /** How many cases every change is tried with. */
  readonly cases: number;
  /** It cannot be tried more often than this: these are all the cases there are. */
  readonly most?: number;
  /** Why it cannot be tried on this machine. */
  readonly unable?: string | undefined;
  readonly attempt: (trial: Trial) => Promise<Outcome>;
}

const shownFailures = 5;

/**
 * Tries case after case, `width` at a time. One that throws has not survived.
 * @param attempt Returns what was lost.
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
