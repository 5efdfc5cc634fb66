/** Uniform in [0, 1). */
export type Random = () => number;

/** Returns the same numbers for the same seed: mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes random choices. */
export interface Dice {
  /** A whole number from 0 to `end` − 1. */
  readonly below: (end: number) => number;
  readonly pick: <T>(of: readonly T[]) => T;
}

/** Returns the same choices for the same seed and case. */
export function diceOf(seed: number, index: number): Dice {
  const random = randomFrom(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35));
  const below = (end: number): number => Math.floor(random() * end);
  return { below, pick: (of) => of[below(of.length)] as (typeof of)[number] };
}
