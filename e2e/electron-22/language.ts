/** Parts of ECMAScript and of Node's globals that Chromium 108 and Node 16 lack and Wyvern's built code uses. */

type Entry = readonly [on: object, name: string, value: unknown];

const missing: readonly Entry[] = [
  [
    Promise,
    'withResolvers',
    function withResolvers() {
      let resolvers = {};
      const promise = new Promise((resolve, reject) => (resolvers = { resolve, reject }));
      return { promise, ...resolvers };
    },
  ],
  [
    Map,
    'groupBy',
    function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => unknown) {
      const groups = new Map<unknown, T[]>();
      for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
      return groups;
    },
  ],
  [
    URL,
    'parse',
    function parse(url: string, base?: string) {
      try {
        return new URL(url, base);
      } catch {
        return null;
      }
    },
  ],
  [
    Array.prototype,
    'toSorted',
    function toSorted(this: unknown[], compare?: (one: unknown, other: unknown) => number) {
      return [...this].sort(compare);
    },
  ],
  [
    Object.getPrototypeOf(Uint8Array.prototype) as object,
    'toSorted',
    function toSorted(this: Uint8Array, compare?: (one: number, other: number) => number) {
      return this.slice().sort(compare);
    },
  ],
  [
    Array.prototype,
    'toReversed',
    function toReversed(this: unknown[]) {
      return [...this].reverse();
    },
  ],
  [
    Array.prototype,
    'toSpliced',
    function toSpliced(this: unknown[], ...values: [number, number, ...unknown[]]) {
      const copy = [...this];
      copy.splice(...values);
      return copy;
    },
  ],
  [
    String.prototype,
    'toWellFormed',
    function toWellFormed(this: string) {
      return this.replace(/\p{Surrogate}/gu, '\ufffd');
    },
  ],
  [
    String.prototype,
    'isWellFormed',
    function isWellFormed(this: string) {
      return !/\p{Surrogate}/u.test(this);
    },
  ],
];

for (const [on, name, value] of missing) {
  if (!(name in on)) Object.defineProperty(on, name, { value, writable: true, configurable: true });
}
