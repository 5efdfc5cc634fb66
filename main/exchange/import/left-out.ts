import type { LeftOut } from '../../../preload/contract.ts';

/** How much of each kind a file has that Wyvern does not keep. */
export class LeftOutTally {
  readonly #counts = new Map<LeftOut, number>();

  add(kind: LeftOut, count = 1): void {
    if (count > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  addAll(other: LeftOutTally): void {
    for (const [kind, count] of other.#counts) this.add(kind, count);
  }

  /** The most first. */
  list(): readonly { readonly kind: LeftOut; readonly count: number }[] {
    return [...this.#counts].map(([kind, count]) => ({ kind, count })).sort((one, other) => other.count - one.count);
  }
}
