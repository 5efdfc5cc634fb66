/** The element types of language models' tensors, by the numbers of upstream's `ScalarType`. */
const types: ReadonlyMap<number, readonly [name: string, bytes: bigint]> = new Map([
  [0, ['uint8', 1n]],
  [1, ['int8', 1n]],
  [2, ['int16', 2n]],
  [3, ['int32', 4n]],
  [4, ['int64', 8n]],
  [5, ['float16', 2n]],
  [6, ['float32', 4n]],
  [7, ['float64', 8n]],
  [11, ['bool', 1n]],
  [15, ['bfloat16', 2n]],
  [22, ['bits16', 2n]],
  [27, ['uint16', 2n]],
  [28, ['uint32', 4n]],
  [29, ['uint64', 8n]],
]);

/** E.g. `float32`. An unknown type is written like `type 30`. */
export function dtypeName(type: number): string {
  return types.get(type)?.[0] ?? `type ${type}`;
}

/** Returns undefined if the runtime does not know the type's element size or language models do not use the type. */
export function elementBytes(type: number): bigint | undefined {
  return types.get(type)?.[1];
}

/** Returns the number of elements of a tensor. */
export function elementsOf(sizes: readonly number[]): bigint {
  return sizes.reduce((product, size) => product * BigInt(size), 1n);
}
