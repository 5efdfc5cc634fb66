/**
 * Encodes the structured-clone types, which may cross between main process and window, as JSON: with cycles, shared objects
 * and holes. The same function runs in Node and, through its source text, in the page, so it must be self-contained.
 */
export interface Codec {
  /** @throws Electron's error for functions, symbols and everything else that cannot be cloned. */
  encode(value: unknown): string;
  decode(json: string): unknown;
}

export function createCodec(): Codec {
  /** A primitive value that JSON has, or a pair of a kind and its content; `object` is an index into the objects. */
  type Packed = string | number | boolean | null | readonly [kind: string, content?: string | number];
  type Entries = readonly (readonly [string | number, Packed])[];
  type PackedObject =
    | { readonly kind: 'array'; readonly length: number; readonly entries: Entries }
    | { readonly kind: 'object'; readonly entries: Entries }
    | { readonly kind: 'map'; readonly pairs: readonly (readonly [Packed, Packed])[] }
    | { readonly kind: 'set'; readonly items: readonly Packed[] }
    | { readonly kind: 'date'; readonly value: Packed }
    | { readonly kind: 'pattern'; readonly source: string; readonly flags: string }
    | { readonly kind: 'error'; readonly name: string; readonly message: string; readonly stack: string }
    | { readonly kind: 'boxed'; readonly value: Packed }
    | { readonly kind: 'bytes'; readonly value: string }
    | { readonly kind: 'view'; readonly type: string; readonly value: string };

  const errors = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
  const views = {
    ...{ Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array },
    ...{ Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView },
  };
  const chunk = 0x8000;

  function refuse(): never {
    throw new Error('An object could not be cloned.');
  }

  function toBase64(bytes: Uint8Array): string {
    const parts: string[] = [];
    for (let at = 0; at < bytes.length; at += chunk) {
      parts.push(String.fromCharCode.apply(null, bytes.subarray(at, at + chunk) as unknown as number[]));
    }
    return btoa(parts.join(''));
  }

  function fromBase64(text: string): ArrayBuffer {
    const decoded = atob(text);
    const bytes = new Uint8Array(decoded.length);
    for (let at = 0; at < decoded.length; at++) bytes[at] = decoded.charCodeAt(at);
    return bytes.buffer;
  }

  function encode(root: unknown): string {
    const objects: PackedObject[] = [];
    const indices = new Map<object, number>();

    function pack(value: unknown): Packed {
      switch (typeof value) {
        case 'string':
        case 'boolean':
          return value;
        case 'number':
          if (Number.isFinite(value) && !Object.is(value, -0)) return value;
          return ['number', Object.is(value, -0) ? '-0' : String(value)];
        case 'bigint':
          return ['bigint', String(value)];
        case 'undefined':
          return ['undefined'];
        case 'function':
        case 'symbol':
          return refuse();
        case 'object':
          return value === null ? null : ['object', indexOf(value)];
      }
    }

    function indexOf(value: object): number {
      const known = indices.get(value);
      if (known !== undefined) return known;
      const index = objects.length;
      indices.set(value, index);
      objects.push({ kind: 'object', entries: [] });
      objects[index] = packObject(value);
      return index;
    }

    const entriesOf = (value: object): Entries => Object.entries(value).map(([key, item]) => [key, pack(item)]);

    function packObject(value: object): PackedObject {
      if (Array.isArray(value)) return { kind: 'array', length: value.length, entries: entriesOf(value) };
      if (value instanceof Date) return { kind: 'date', value: pack(value.getTime()) };
      if (value instanceof RegExp) return { kind: 'pattern', source: value.source, flags: value.flags };
      if (value instanceof Map)
        return { kind: 'map', pairs: [...value].map(([key, item]) => [pack(key), pack(item)] as const) };
      if (value instanceof Set) return { kind: 'set', items: [...value].map(pack) };
      if (value instanceof Error) {
        const { name, message, stack = '' } = value;
        return { kind: 'error', name, message, stack };
      }
      if (value instanceof ArrayBuffer) return { kind: 'bytes', value: toBase64(new Uint8Array(value)) };
      if (ArrayBuffer.isView(value)) {
        const type = value instanceof DataView ? 'DataView' : (value as Uint8Array)[Symbol.toStringTag];
        return {
          kind: 'view',
          type,
          value: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
        };
      }
      if (value instanceof Boolean || value instanceof Number || value instanceof String)
        return { kind: 'boxed', value: pack(value.valueOf()) };
      const uncloneable = [Promise, WeakMap, WeakSet, WeakRef, EventTarget];
      if (uncloneable.some((type) => value instanceof type)) return refuse();
      return { kind: 'object', entries: entriesOf(value) };
    }

    return JSON.stringify({ root: pack(root), objects });
  }

  /** An object without its parts, which may refer back to it. */
  function shell(packed: PackedObject): object {
    switch (packed.kind) {
      case 'array':
        return new Array<unknown>(packed.length);
      case 'object':
        return {};
      case 'map':
        return new Map();
      case 'set':
        return new Set();
      case 'date':
        return new Date(Number(unpack(packed.value, [])));
      case 'pattern':
        return new RegExp(packed.source, packed.flags);
      case 'error': {
        const Kind = errors[packed.name as keyof typeof errors] as ErrorConstructor | undefined;
        const error = new (Kind ?? Error)(packed.message);
        Object.defineProperty(error, 'stack', { value: packed.stack, configurable: true, writable: true });
        return error;
      }
      case 'boxed':
        return Object(unpack(packed.value, [])) as object;
      case 'bytes':
        return fromBase64(packed.value);
      case 'view': {
        const Kind = views[packed.type as keyof typeof views] as Uint8ArrayConstructor | undefined;
        return new (Kind ?? Uint8Array)(fromBase64(packed.value));
      }
    }
  }

  function unpack(value: Packed, objects: readonly object[]): unknown {
    if (!Array.isArray(value)) return value;
    const [kind, content] = value as readonly [string, string | number | undefined];
    if (kind === 'object') return objects[Number(content)];
    if (kind === 'number') return Number(content);
    return kind === 'bigint' ? BigInt(content ?? 0) : undefined;
  }

  function decode(json: string): unknown {
    const { root, objects: packed } = JSON.parse(json) as { readonly root: Packed; readonly objects: PackedObject[] };
    const objects = packed.map(shell);
    packed.forEach((from, index) => {
      const to = objects[index];
      if (from.kind === 'map')
        for (const [key, item] of from.pairs)
          (to as Map<unknown, unknown>).set(unpack(key, objects), unpack(item, objects));
      else if (from.kind === 'set') for (const item of from.items) (to as Set<unknown>).add(unpack(item, objects));
      else if (from.kind === 'array' || from.kind === 'object') {
        const define = { writable: true, enumerable: true, configurable: true };
        for (const [key, item] of from.entries)
          Object.defineProperty(to, key, { value: unpack(item, objects), ...define });
      }
    });
    return unpack(root, objects);
  }

  return { encode, decode };
}
