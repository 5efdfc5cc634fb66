/**
 * Encodes the structured-clone types, which may cross between main process and window, as JSON. The same function runs
 * in Node and, through its source text, in the page, so it must be self-contained.
 */
export interface Codec {
  /** @throws Electron's DataCloneError message for functions, symbols and cycles. */
  encode(value: unknown): string;
  decode(json: string): unknown;
}

export function createCodec(): Codec {
  const tag = '$type';
  const refuse = (): never => {
    throw new Error('An object could not be cloned.');
  };
  const toBase64 = (bytes: Uint8Array): string => {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };
  const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

  function pack(value: unknown, above: readonly object[]): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : { [tag]: 'number', value: Object.is(value, -0) ? '-0' : String(value) };
      case 'bigint':
        return { [tag]: 'bigint', value: String(value) };
      case 'undefined':
        return { [tag]: 'undefined' };
      case 'function':
      case 'symbol':
        return refuse();
      case 'object':
        return value === null ? null : packObject(value, above);
    }
  }

  function packObject(value: object, above: readonly object[]): unknown {
    if (above.includes(value)) return refuse();
    const inside = [...above, value];
    if (Array.isArray(value)) return value.map((item) => pack(item, inside));
    if (value instanceof Date) return { [tag]: 'date', value: value.getTime() };
    if (value instanceof Map) return { [tag]: 'map', value: [...value].map((entry) => pack(entry, inside)) };
    if (value instanceof Set) return { [tag]: 'set', value: [...value].map((item) => pack(item, inside)) };
    if (value instanceof Error) return { [tag]: 'error', name: value.name, message: value.message };
    if (value instanceof ArrayBuffer) return { [tag]: 'buffer', value: toBase64(new Uint8Array(value)) };
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return { [tag]: 'view', kind: value[Symbol.toStringTag as never], value: toBase64(bytes) };
    }
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) return refuse();
    const packed = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pack(item, inside)]));
    return tag in packed ? { [tag]: 'object', value: packed } : packed;
  }

  function unpack(value: unknown): unknown {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(unpack);
    const record = value as Record<string, unknown>;
    const inner = record['value'];
    switch (record[tag]) {
      case 'undefined':
        return undefined;
      case 'number':
        return Number(inner);
      case 'bigint':
        return BigInt(inner as string);
      case 'date':
        return new Date(inner as number);
      case 'map':
        return new Map((inner as unknown[]).map((entry) => unpack(entry) as [unknown, unknown]));
      case 'set':
        return new Set((inner as unknown[]).map(unpack));
      case 'error':
        return Object.assign(new Error(record['message'] as string), { name: record['name'] });
      case 'buffer':
        return fromBase64(inner as string).buffer;
      case 'view': {
        const { buffer } = fromBase64(inner as string);
        const constructors = {
          Int32Array,
          Float32Array,
          Float64Array,
          Int16Array,
          Uint16Array,
          Uint32Array,
          Int8Array,
        };
        const Kind = constructors[record['kind'] as keyof typeof constructors] as Int32ArrayConstructor | undefined;
        return Kind ? new Kind(buffer) : new Uint8Array(buffer);
      }
      case 'object':
        return unpackEntries(inner as object);
      default:
        return unpackEntries(record);
    }
  }

  function unpackEntries(record: object): unknown {
    return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, unpack(item)]));
  }

  return {
    encode: (value) => JSON.stringify(pack(value, [])),
    decode: (json) => unpack(JSON.parse(json)),
  };
}
