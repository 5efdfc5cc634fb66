/** Finds any of many literals in text, leftmost first and the longest of those, without overlaps. */
export class LiteralFinder<T> {
  readonly #literals: ReadonlyMap<string, T>;
  /** By first UTF-16 unit: the lengths of the literals that begin with it, longest first. */
  readonly #lengths: ReadonlyMap<number, readonly number[]>;

  /** The first of equal literals counts. Empty literals never match. */
  constructor(literals: readonly (readonly [literal: string, value: T])[]) {
    const values = new Map<string, T>();
    const lengths = new Map<number, Set<number>>();
    for (const [literal, value] of literals) {
      if (literal === '' || values.has(literal)) continue;
      values.set(literal, value);
      const first = literal.charCodeAt(0);
      lengths.set(first, (lengths.get(first) ?? new Set()).add(literal.length));
    }
    this.#literals = values;
    this.#lengths = new Map([...lengths].map(([first, set]) => [first, [...set].sort((a, b) => b - a)]));
  }

  get isEmpty(): boolean {
    return this.#literals.size === 0;
  }

  *find(text: string): Generator<{ readonly at: number; readonly length: number; readonly value: T }, void, undefined> {
    if (this.isEmpty) return;
    for (let at = 0; at < text.length;) {
      const length = this.#lengths
        .get(text.charCodeAt(at))
        ?.find((candidate) => this.#literals.has(text.slice(at, at + candidate)));
      const value = length === undefined ? undefined : this.#literals.get(text.slice(at, at + length));
      if (length !== undefined && value !== undefined) yield { at, length, value };
      at += length ?? 1;
    }
  }
}

/** Escapes a literal for a regular expression. */
export function escapePattern(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
