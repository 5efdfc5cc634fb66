/* eslint @typescript-eslint/unbound-method: off -- built-ins are kept apart from their objects, and called with `apply` */
/**
 * Connects the page's JavaScript world with the preload's, as Electron's `contextBridge` does. Both see the same DOM objects
 * but none of each other's JavaScript, so a detached element that only the two links hold carries custom events: they are
 * synchronous, and Chromium clones `detail` between worlds.
 *
 * A value travels as a graph of its objects. Functions become proxies, promises settle later, files and elements keep their
 * identity, errors keep their message alone.
 *
 * Injected as source text, so it must be self-contained. The page's scripts may replace built-ins after the link exists: it
 * uses only those that it keeps at its start, and neither iterators nor methods of arrays.
 */
export interface WorldLink {
  /** Hands `value` to the other world's `receive` under `key`. @throws What `receive` throws. */
  expose(key: string, value: unknown): void;
}

export function linkWorlds(
  carrier: HTMLInputElement,
  side: 'page' | 'preload',
  receive: (key: string, value: unknown) => void,
): WorldLink {
  type Callable = (...values: unknown[]) => unknown;
  type Key = string | { readonly symbol: number };
  /** `own` is an object, function or symbol that came from the receiving side. */
  type Parcel =
    | { readonly kind: 'plain'; readonly value: unknown }
    | { readonly kind: 'object' | 'own' | 'symbol'; readonly id: number };
  type Thing =
    | { readonly kind: 'clone'; readonly value: unknown }
    | { readonly kind: 'list'; readonly items: Parcel[] }
    | { readonly kind: 'record'; readonly keys: Key[]; readonly values: Parcel[] }
    | { readonly kind: 'function' | 'promise'; readonly id: number }
    | { readonly kind: 'file' | 'element'; readonly index: number }
    | { readonly kind: 'error'; readonly message: string };
  interface Packet {
    readonly root: Parcel;
    readonly things: Thing[];
    readonly symbols: { readonly id: number; readonly description: string }[];
  }
  type Reply = { readonly ok: boolean; readonly packet: Packet };
  type Message = { readonly id: number; readonly replyType: string; readonly packet: Packet };

  const other = side === 'page' ? 'preload' : 'page';
  const { apply, ownKeys, getOwnPropertyDescriptor, defineProperty } = Reflect;
  const { isArray } = Array;
  const PromiseClass = Promise;
  const { then } = Promise.prototype;
  const ErrorClass = Error;
  const TypeErrorClass = TypeError;
  const { toString: tagOf } = Object.prototype;
  const { isView } = ArrayBuffer;
  const EventClass = CustomEvent;
  const FocusEventClass = FocusEvent;
  const TransferClass = DataTransfer;
  const ElementClass = Element;
  const FileClass = File;
  const BlobClass = Blob;
  const StringFunction = String;
  const getter = (owner: object, name: string): Callable => getOwnPropertyDescriptor(owner, name)?.get as Callable;
  const detailOf = getter(CustomEvent.prototype, 'detail');
  const relatedTargetOf = getter(FocusEvent.prototype, 'relatedTarget');
  const filesOf = getter(HTMLInputElement.prototype, 'files');
  const setFiles = getOwnPropertyDescriptor(HTMLInputElement.prototype, 'files')?.set as Callable;
  const transferItems = getter(DataTransfer.prototype, 'items');
  const transferFiles = getter(DataTransfer.prototype, 'files');
  const addItem = DataTransferItemList.prototype.add as Callable;
  const itemOf = FileList.prototype.item as Callable;
  const descriptionOf = getter(Symbol.prototype, 'description');
  const SymbolFunction = Symbol;
  const dispatch = carrier.dispatchEvent.bind(carrier);
  const listen = carrier.addEventListener.bind(carrier);
  const forget = carrier.removeEventListener.bind(carrier);
  const registryRegister = FinalizationRegistry.prototype.register as Callable;

  const { get: getFromMap, set: setInMap, delete: removeFromMap } = Map.prototype;
  const { get: getFromWeakMap, set: setInWeakMap, delete: removeFromWeakMap } = WeakMap.prototype;
  const MapClass = Map;

  /** A map whose methods the page cannot replace. */
  function table<K, V>(map: Map<K, V> | WeakMap<K & WeakKey, V>) {
    const strong = map instanceof MapClass;
    const get = (strong ? getFromMap : getFromWeakMap) as Callable;
    const set = (strong ? setInMap : setInWeakMap) as Callable;
    const remove = (strong ? removeFromMap : removeFromWeakMap) as Callable;
    return {
      get: (key: K): V | undefined => apply(get, map, [key]) as V | undefined,
      set: (key: K, value: V): void => void apply(set, map, [key, value]),
      remove: (key: K): void => void apply(remove, map, [key]),
    };
  }

  /** Functions and promises of this side that the other side knows, by id. */
  const functions = table(new Map<number, Callable>());
  const waiting = table(new Map<number, { resolve: Callable; reject: Callable }>());
  /** Ids of proxies here for functions there, so that a proxy that returns is the function itself. */
  const proxied = table(new WeakMap<WeakKey, number>());
  const symbolById = table(new Map<number, symbol>());
  const idOfSymbol = table(new Map<symbol, number>());
  const released = new FinalizationRegistry<number>((id) => post(`release-${other}`, id));
  // Odd ids belong to the page, even ones to the preload.
  let lastId = side === 'page' ? 1 : 0;
  const nextId = (): number => (lastId += 2);
  let arrived: Element[] = [];

  function post(type: string, detail: unknown): void {
    dispatch(new EventClass(type, { detail }));
  }
  /** A value that cannot be cloned arrives as null; its sender gets no answer. */
  function on(type: string, listener: (detail: never) => void): void {
    listen(type, (event) => {
      const detail: unknown = apply(detailOf, event, []);
      if (detail !== null) listener(detail as never);
    });
  }

  // One level of an object counts twice, as in Electron: the object and its properties.
  const deepest = 1000;
  function tooDeep(): never {
    throw new TypeErrorClass(
      'Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.',
    );
  }

  /** Packs `root` and announces its elements and files to the other side. */
  function pack(root: unknown): Packet {
    const things: Thing[] = [];
    const symbols: { id: number; description: string }[] = [];
    const ids = table(new MapClass<object, number>());
    const transfer = new TransferClass();
    let files = 0;
    let elements = 0;

    function packSymbol(value: symbol): number {
      const known = idOfSymbol.get(value);
      const id = known ?? nextId();
      if (known === undefined) {
        idOfSymbol.set(value, id);
        symbolById.set(id, value);
      }
      symbols[symbols.length] = { id, description: StringFunction(apply(descriptionOf, value, []) ?? '') };
      return id;
    }

    function packValue(value: unknown, depth: number): Parcel {
      if (depth >= deepest) return tooDeep();
      if (typeof value === 'symbol') return { kind: 'symbol', id: packSymbol(value) };
      if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return { kind: 'plain', value };
      const own = proxied.get(value);
      if (own !== undefined) return { kind: 'own', id: own };
      const known = ids.get(value);
      if (known !== undefined) return { kind: 'object', id: known };
      const id = things.length;
      ids.set(value, id);
      things[id] = { kind: 'clone', value: undefined };
      things[id] = packThing(value, depth);
      return { kind: 'object', id };
    }

    function packThing(value: object, depth: number): Thing {
      if (typeof value === 'function') {
        const id = nextId();
        functions.set(id, value as Callable);
        return { kind: 'function', id };
      }
      if (value instanceof FileClass) {
        apply(addItem, apply(transferItems, transfer, []), [value]);
        return { kind: 'file', index: files++ };
      }
      if (value instanceof ElementClass) {
        dispatch(new FocusEventClass(`element-${other}`, { relatedTarget: value }));
        return { kind: 'element', index: elements++ };
      }
      if (value instanceof ErrorClass) return { kind: 'error', message: StringFunction(value.message) };
      if (value instanceof PromiseClass) return { kind: 'promise', id: announceSettling(value) };
      if (isArray(value)) {
        const items: Parcel[] = [];
        for (let at = 0; at < value.length; at++) items[at] = packValue(value[at], depth + 2);
        return { kind: 'list', items };
      }
      const tag: unknown = apply(tagOf, value, []);
      if (tag !== '[object Object]' || isView(value) || value instanceof BlobClass) return { kind: 'clone', value };
      return packRecord(value, depth);
    }

    function packRecord(value: object, depth: number): Thing {
      const keys: Key[] = [];
      const values: Parcel[] = [];
      const names = ownKeys(value);
      for (let at = 0; at < names.length; at++) {
        const name = names[at] as string | symbol;
        if (!getOwnPropertyDescriptor(value, name)?.enumerable) continue;
        keys[keys.length] = typeof name === 'symbol' ? { symbol: packSymbol(name) } : name;
        values[values.length] = packValue((value as Record<string | symbol, unknown>)[name], depth + 2);
      }
      return { kind: 'record', keys, values };
    }

    const packet = { root: packValue(root, 0), things, symbols };
    if (files > 0) apply(setFiles, carrier, [apply(transferFiles, transfer, [])]);
    return packet;
  }

  function announceSettling(promise: Promise<unknown>): number {
    const id = nextId();
    const settle = (ok: boolean) => (result: unknown) => {
      let reply: Reply;
      try {
        reply = { ok, packet: pack(result) };
      } catch (cause) {
        reply = { ok: false, packet: pack(cause) };
      }
      post(`settle-${other}`, { id, ...reply });
    };
    void apply(then, promise, [settle(true), settle(false)]);
    return id;
  }

  function unpack({ root, things, symbols }: Packet): unknown {
    const elements = arrived;
    arrived = [];
    for (let at = 0; at < symbols.length; at++) {
      const { id = 0, description = '' } = symbols[at] ?? {};
      if (symbolById.get(id) !== undefined) continue;
      const symbol = SymbolFunction(description);
      symbolById.set(id, symbol);
      idOfSymbol.set(symbol, id);
    }
    const made: unknown[] = [];
    for (let at = 0; at < things.length; at++) made[at] = make(things[at] as Thing, elements);
    const resolve = (parcel: Parcel): unknown => {
      if (parcel.kind === 'plain') return parcel.value;
      if (parcel.kind === 'object') return made[parcel.id];
      return parcel.kind === 'own' ? functions.get(parcel.id) : symbolById.get(parcel.id);
    };
    for (let at = 0; at < things.length; at++) fill(made[at] as object, things[at] as Thing, resolve);
    return resolve(root);
  }

  /** An object without its parts, which may refer back to it. */
  function make(thing: Thing, elements: readonly Element[]): unknown {
    switch (thing.kind) {
      case 'clone':
        return thing.value;
      case 'list':
        return [];
      case 'record':
        return {};
      case 'file':
        return apply(itemOf, apply(filesOf, carrier, []), [thing.index]);
      case 'element':
        return elements[thing.index];
      case 'error':
        return new ErrorClass(thing.message);
      case 'promise':
        return new PromiseClass((resolve, reject) => waiting.set(thing.id, { resolve: resolve, reject }));
      case 'function': {
        const proxy = (...values: unknown[]): unknown => callOther(`call-${other}`, thing.id, values);
        proxied.set(proxy, thing.id);
        apply(registryRegister, released, [proxy, thing.id]);
        return proxy;
      }
    }
  }

  function fill(target: object, thing: Thing, resolve: (parcel: Parcel) => unknown): void {
    const define = (key: PropertyKey, parcel: Parcel): void =>
      void defineProperty(target, key, {
        value: resolve(parcel),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    if (thing.kind === 'list') for (let at = 0; at < thing.items.length; at++) define(at, thing.items[at] as Parcel);
    if (thing.kind !== 'record') return;
    for (let at = 0; at < thing.keys.length; at++) {
      const key = thing.keys[at] as Key;
      define(typeof key === 'string' ? key : (symbolById.get(key.symbol) ?? ''), thing.values[at] as Parcel);
    }
  }

  /** Sends a message and returns the other side's answer, which arrives before `dispatch` returns. */
  function callOther(type: string, id: number, values: unknown): unknown {
    const replyType = `reply-${side}-${nextId()}`;
    let reply: Reply | null | undefined;
    const take = (event: globalThis.Event): void => {
      reply = apply(detailOf, event, []) as Reply | null;
    };
    const packet = pack(values);
    listen(replyType, take);
    try {
      post(type, { id, replyType, packet });
    } finally {
      forget(replyType, take);
    }
    if (!reply) throw new ErrorClass('An object could not be cloned.');
    const value = unpack(reply.packet);
    if (!reply.ok) throw value;
    return value;
  }

  const unknownFailure =
    'An unknown exception occurred in the isolated context, an error occurred but a valid exception was not thrown.';

  function answer(replyType: string, run: () => unknown): void {
    let reply: Reply;
    try {
      reply = { ok: true, packet: pack(run()) };
    } catch (cause) {
      const failure = cause instanceof ErrorClass ? cause : new ErrorClass(unknownFailure);
      reply = { ok: false, packet: pack(failure) };
    }
    post(replyType, reply);
  }

  listen(`element-${side}`, (event) => {
    arrived[arrived.length] = apply(relatedTargetOf, event, []) as Element;
  });
  on(`call-${side}`, ({ id, replyType, packet }: Message) => {
    const values = unpack(packet) as unknown[];
    answer(replyType, () => {
      const target = functions.get(id);
      if (!target) throw new ErrorClass('The function is gone');
      return apply(target, target, values);
    });
  });
  on(`expose-${side}`, ({ replyType, packet }: Message) => {
    const { key, value } = unpack(packet) as { readonly key: string; readonly value: unknown };
    answer(replyType, () => receive(key, value));
  });
  on(`settle-${side}`, ({ id, ok, packet }: { id: number } & Reply) => {
    const settled = waiting.get(id);
    waiting.remove(id);
    if (ok) settled?.resolve(unpack(packet));
    else settled?.reject(unpack(packet));
  });
  on(`release-${side}`, (id: number) => functions.remove(id));

  return { expose: (key, value) => void callOther(`expose-${other}`, 0, { key, value }) };
}
